//! Sixteen numbers of 16 bits that are worked on at once.
//!
//! On amd64 these are two registers of SSE2, which every such processor has; elsewhere arrays, with
//! the same results to the bit, as packed files must not depend on where they are unpacked.

/// Sixteen numbers as they stand in memory.
pub(crate) type Stored = [u8; 32];

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "SSE2 is part of amd64; two registers are twice as fast as arrays")]
mod vector {
    use super::Stored;
    use core::arch::x86_64::{
        __m128i, _mm_add_epi16, _mm_cmpgt_epi16, _mm_cvtsi128_si32, _mm_insert_epi16,
        _mm_loadu_si128, _mm_movemask_epi8, _mm_mulhi_epi16, _mm_packs_epi16, _mm_set1_epi16,
        _mm_srli_epi16, _mm_storeu_si128, _mm_sub_epi16,
    };

    /// Sixteen numbers in two registers.
    #[derive(Clone, Copy)]
    pub(crate) struct Lanes(__m128i, __m128i);

    // SAFETY of every block: every processor of this target has SSE2, and loads and stores are of
    // the 32 bytes that they are given, at any alignment.
    impl Lanes {
        #[inline(always)]
        pub(crate) fn load(bytes: &Stored) -> Self {
            let at = bytes.as_ptr().cast::<__m128i>();
            unsafe { Self(_mm_loadu_si128(at), _mm_loadu_si128(at.add(1))) }
        }

        #[inline(always)]
        pub(crate) fn store(self, bytes: &mut Stored) {
            let at = bytes.as_mut_ptr().cast::<__m128i>();
            unsafe {
                _mm_storeu_si128(at, self.0);
                _mm_storeu_si128(at.add(1), self.1);
            }
        }

        /// Lane 0, whose upper half is zero.
        #[inline(always)]
        pub(crate) fn first(self) -> usize {
            (unsafe { _mm_cvtsi128_si32(self.0) } & 0xff) as usize
        }

        /// The same with another lane 0.
        #[inline(always)]
        pub(crate) fn with_first(self, first: u8) -> Self {
            unsafe { Self(_mm_insert_epi16::<0>(self.0, i32::from(first)), self.1) }
        }

        #[inline(always)]
        pub(crate) fn plus(self, other: Self) -> Self {
            unsafe { Self(_mm_add_epi16(self.0, other.0), _mm_add_epi16(self.1, other.1)) }
        }

        #[inline(always)]
        pub(crate) fn minus(self, other: Self) -> Self {
            unsafe { Self(_mm_sub_epi16(self.0, other.0), _mm_sub_epi16(self.1, other.1)) }
        }

        /// Each lane, as a number without sign, divided by two.
        #[inline(always)]
        pub(crate) fn halved(self) -> Self {
            unsafe { Self(_mm_srli_epi16::<1>(self.0), _mm_srli_epi16::<1>(self.1)) }
        }

        /// Each lane times `factor` in 65536ths, rounded down.
        #[inline(always)]
        pub(crate) fn times(self, factor: i16) -> Self {
            unsafe {
                let factor = _mm_set1_epi16(factor);
                Self(_mm_mulhi_epi16(self.0, factor), _mm_mulhi_epi16(self.1, factor))
            }
        }

        /// A bit for each lane that is greater than `value`.
        #[inline(always)]
        pub(crate) fn above(self, value: i16) -> u32 {
            unsafe {
                let value = _mm_set1_epi16(value);
                let low = _mm_cmpgt_epi16(self.0, value);
                let high = _mm_cmpgt_epi16(self.1, value);
                _mm_movemask_epi8(_mm_packs_epi16(low, high)).cast_unsigned()
            }
        }
    }
}

#[cfg(any(test, not(target_arch = "x86_64")))]
mod array {
    use super::Stored;

    /// Sixteen numbers in an array.
    #[derive(Clone, Copy)]
    pub(crate) struct Lanes([i16; 16]);

    impl Lanes {
        pub(crate) fn load(bytes: &Stored) -> Self {
            Self(core::array::from_fn(|it| i16::from_le_bytes([bytes[2 * it], bytes[2 * it + 1]])))
        }

        pub(crate) fn store(self, bytes: &mut Stored) {
            for (to, lane) in bytes.chunks_exact_mut(2).zip(self.0) {
                to.copy_from_slice(&lane.to_le_bytes());
            }
        }

        pub(crate) fn first(self) -> usize {
            usize::from(self.0[0].cast_unsigned() & 0xff)
        }

        pub(crate) fn with_first(mut self, first: u8) -> Self {
            self.0[0] = i16::from(first);
            self
        }

        pub(crate) fn plus(self, other: Self) -> Self {
            Self(core::array::from_fn(|it| self.0[it].wrapping_add(other.0[it])))
        }

        pub(crate) fn minus(self, other: Self) -> Self {
            Self(core::array::from_fn(|it| self.0[it].wrapping_sub(other.0[it])))
        }

        pub(crate) fn halved(self) -> Self {
            Self(self.0.map(|lane| (lane.cast_unsigned() >> 1).cast_signed()))
        }

        pub(crate) fn times(self, factor: i16) -> Self {
            Self(self.0.map(|lane| ((i32::from(lane) * i32::from(factor)) >> 16) as i16))
        }

        pub(crate) fn above(self, value: i16) -> u32 {
            self.0.iter().rev().fold(0, |mask, lane| mask << 1 | u32::from(*lane > value))
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
pub(crate) use array::Lanes;
#[cfg(target_arch = "x86_64")]
pub(crate) use vector::Lanes;

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::{array, vector};

    #[test]
    fn registers_and_arrays_give_the_same() {
        let mut seed = 1_u64;
        let mut random = || {
            core::array::from_fn::<u8, 32, _>(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (seed >> 56) as u8
            })
        };
        for _ in 0..1000 {
            let (a, b, c) = (random(), random(), random());
            let value = i16::from_le_bytes([c[0], c[1]]);
            let (mut by_vector, mut by_array) = ([0; 32], [0; 32]);
            let (x, y) = (vector::Lanes::load(&a), vector::Lanes::load(&b));
            let (p, q) = (array::Lanes::load(&a), array::Lanes::load(&b));
            assert_eq!(x.above(value), p.above(value));
            assert_eq!(x.first(), p.first());
            x.plus(y).halved().minus(y.times(value)).with_first(c[2]).store(&mut by_vector);
            p.plus(q).halved().minus(q.times(value)).with_first(c[2]).store(&mut by_array);
            assert_eq!(by_vector, by_array);
        }
    }
}
