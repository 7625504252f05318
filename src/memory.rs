//! The allocator: one that gives memory back.
//!
//! A rebuild needs twice what the server keeps, for a moment. The C library's allocator holds on to that for ever
//! (with ten thousand posts 109 MiB stayed where 29 do now), so another one is used where maquis is deployed.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Lets a thread of the allocator's own give back what is not used any more. Called once the process is confined, for
/// a thread is confined like the one that started it; without it memory is given back later.
pub fn give_back_from_now_on() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    let _not_served_worse_without = tikv_jemalloc_ctl::background_thread::write(true);
}
