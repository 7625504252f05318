//! What was found, and how it is said.

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    Good(String),
    /// Worth knowing, and maybe as it should be.
    Note(String),
    Bad {
        what: String,
        remedy: String,
    },
}

impl Finding {
    pub(super) fn bad(what: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding::Bad { what: what.into(), remedy: remedy.into() }
    }

    pub(super) fn is_bad(&self) -> bool {
        match self {
            Finding::Bad { .. } => true,
            Finding::Good(_) | Finding::Note(_) => false,
        }
    }

    pub(super) fn print(&self) {
        match self {
            Finding::Good(what) => say!("  ok    {what}"),
            Finding::Note(what) => say!("  note  {what}"),
            Finding::Bad { what, remedy } => say!("  BAD   {what}\n        → {remedy}"),
        }
    }
}

/// Things that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) name: &'static str,
    pub(super) findings: Vec<Finding>,
}

impl Section {
    pub(super) fn new(name: &'static str) -> Section {
        Section { name, findings: Vec::new() }
    }

    pub(super) fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}
