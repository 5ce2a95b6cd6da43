//! Limits the stack to that of a server thread.

use std::{mem, ptr};

/// The default stack size of Rust threads.
const STACK_SIZE: u64 = 2 << 20;

/// Limits the stack of the main thread, and handles signals on another stack, so that the fuzzer reports the
/// input of an overflow.
pub fn limit() {
    let signals = vec![0_u8; 1 << 16].leak();
    // SAFETY: the signal stack is never freed, and all other arguments are plain values.
    unsafe {
        let mut limit: libc::rlimit = mem::zeroed();
        assert_eq!(libc::getrlimit(libc::RLIMIT_STACK, &mut limit), 0);
        limit.rlim_cur = STACK_SIZE;
        assert_eq!(libc::setrlimit(libc::RLIMIT_STACK, &limit), 0);
        let stack = libc::stack_t {
            ss_sp: signals.as_mut_ptr().cast(),
            ss_flags: 0,
            ss_size: signals.len(),
        };
        assert_eq!(libc::sigaltstack(&stack, ptr::null_mut()), 0);
        // The fuzzer keeps the flags of the previous action.
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = libc::SIG_DFL;
        action.sa_flags = libc::SA_ONSTACK;
        assert_eq!(libc::sigaction(libc::SIGSEGV, &action, ptr::null_mut()), 0);
    }
}
