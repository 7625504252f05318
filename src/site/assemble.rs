//! Assembling: from the plan and the stored renderings to what is at every address.
