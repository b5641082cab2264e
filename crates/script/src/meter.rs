//! The engine's memory. Beside the cap on the whole heap, which the engine keeps itself, it caps each single block and lets no
//! larger block be had once the time is up.
//!
//! The engine looks at the clock only every few thousand steps, and a step may be long: a product of two integers of a million
//! bits, a text of megabytes made anew. Each such step asks for a large block, so the clock is looked at here too, and a loop of
//! such steps ends with the one under way. The cap on a block bounds the steps that need none (comparing two long texts).
#![expect(
    unsafe_code,
    reason = "the engine's allocator is an unsafe trait; everything is handed on to the allocator that comes with the engine, \
              or refused with the null pointer that the trait allows"
)]

use rquickjs::allocator::{Allocator, RustAllocator};
use std::{ptr, time::Instant};

/// Blocks up to this size are never refused: what the engine needs to report and to unwind.
const SMALL: usize = 4 << 10;

/// Hands out memory until `end`.
pub(crate) struct Meter {
    inner: RustAllocator,
    largest: usize,
    end: Instant,
}

impl Meter {
    /// Blocks of `largest` bytes at most, and only small ones after `end`.
    pub(crate) fn new(largest: usize, end: Instant) -> Self {
        Self {
            inner: RustAllocator,
            largest,
            end,
        }
    }

    fn refuses(&self, size: usize) -> bool {
        size > SMALL && (size > self.largest || Instant::now() >= self.end)
    }
}

// SAFETY: each call goes unchanged to an allocator that keeps the trait's promises, or answers null, which means "no memory".
unsafe impl Allocator for Meter {
    fn alloc(&mut self, size: usize) -> *mut u8 {
        match self.refuses(size) {
            true => ptr::null_mut(),
            false => self.inner.alloc(size),
        }
    }

    fn calloc(&mut self, count: usize, size: usize) -> *mut u8 {
        match count.checked_mul(size) {
            Some(all) if !self.refuses(all) => self.inner.calloc(count, size),
            _ => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&mut self, ptr: *mut u8) {
        // SAFETY: the caller got `ptr` from this allocator, which got it from `inner`.
        unsafe { self.inner.dealloc(ptr) }
    }

    unsafe fn realloc(&mut self, ptr: *mut u8, new_size: usize) -> *mut u8 {
        if ptr.is_null() {
            return self.alloc(new_size);
        }
        if self.refuses(new_size) {
            return ptr::null_mut();
        }
        // SAFETY: as in `dealloc`.
        unsafe { self.inner.realloc(ptr, new_size) }
    }

    unsafe fn usable_size(ptr: *mut u8) -> usize {
        // SAFETY: as in `dealloc`.
        unsafe { RustAllocator::usable_size(ptr) }
    }
}
