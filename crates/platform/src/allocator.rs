//! How the C library's allocator treats large blocks.

/// Blocks from this size up are given back to the system as soon as they are freed: decoded pictures of 18 to 72 MB.
/// Below it, the pages are kept for the next block, which is faster: at 256 KB the derivatives took 1.7 times as long.
#[cfg(target_env = "gnu")]
const LARGE: std::ffi::c_int = 8 << 20;

/// Keeps the size from which blocks are given back. The GNU allocator would raise it to 32 MB when the first large
/// picture is freed, and then each thread's heap keeps the holes that pictures leave. To be called once, at the start.
#[cfg(target_env = "gnu")]
#[expect(unsafe_code, reason = "a setting of the C library")]
pub fn give_back_large_blocks() {
    // SAFETY: `mallopt` may be called at any time; it returns 0 for what it does not know, and then all is as before.
    unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE) };
}

/// Other allocators give large blocks back by themselves.
#[cfg(not(target_env = "gnu"))]
pub fn give_back_large_blocks() {}
