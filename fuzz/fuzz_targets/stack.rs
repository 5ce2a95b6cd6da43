//! The stack that a thread of the server has.

use std::{mem, ptr};

/// What threads of Rust have where nobody says otherwise.
const LIKE_A_THREAD: u64 = 2 << 20;

/// Bounds the stack of the main thread, and lets the fuzzer outlive its overflow to tell the input.
pub fn narrow() {
    let signals = vec![0_u8; 1 << 16].leak();
    // SAFETY: the memory for signals is never freed, and all else are numbers.
    unsafe {
        let mut limit: libc::rlimit = mem::zeroed();
        assert_eq!(libc::getrlimit(libc::RLIMIT_STACK, &mut limit), 0);
        limit.rlim_cur = LIKE_A_THREAD;
        assert_eq!(libc::setrlimit(libc::RLIMIT_STACK, &limit), 0);
        let stack = libc::stack_t {
            ss_sp: signals.as_mut_ptr().cast(),
            ss_flags: 0,
            ss_size: signals.len(),
        };
        assert_eq!(libc::sigaltstack(&stack, ptr::null_mut()), 0);
        // The fuzzer keeps the stack that the action before its own has.
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = libc::SIG_DFL;
        action.sa_flags = libc::SA_ONSTACK;
        assert_eq!(libc::sigaction(libc::SIGSEGV, &action, ptr::null_mut()), 0);
    }
}
