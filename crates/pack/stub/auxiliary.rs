//! The stack as the kernel made it: arguments, environment, and the auxiliary vector.

pub const AT_NULL: usize = 0;
pub const AT_PHDR: usize = 3;
/// The name by which the program was started; the environment ends before it.
const AT_EXECFN: usize = 31;
const AT_PHENT: usize = 4;
pub const AT_PHNUM: usize = 5;
const AT_BASE: usize = 7;
pub const AT_ENTRY: usize = 9;
const PROGRAM_HEADER: usize = 56;

/// The auxiliary vector, and where arguments and environment are.
pub struct Auxiliary {
    /// Pairs of a tag and a value, without the null that ends them.
    pub entries: &'static mut [[usize; 2]],
    /// The pointers to the arguments.
    pub arguments: &'static [usize],
    /// The pointers to the environment.
    pub environment: &'static [usize],
}

impl Auxiliary {
    /// Finds it.
    ///
    /// # Safety
    /// `stack` is the stack as the kernel made it, and nobody else holds it.
    pub unsafe fn find(stack: *mut usize) -> Auxiliary {
        // SAFETY: the kernel put a count there, as many pointers, a null, pointers up to a null,
        // and pairs up to a null.
        unsafe {
            let count = *stack;
            let arguments = stack.add(1);
            let environment = arguments.add(count + 1);
            let mut variables = 0;
            while *environment.add(variables) != 0 {
                variables += 1;
            }
            let entries = environment.add(variables + 1).cast::<[usize; 2]>();
            let mut pairs = 0;
            while (*entries.add(pairs))[0] != AT_NULL {
                pairs += 1;
            }
            Auxiliary {
                entries: core::slice::from_raw_parts_mut(entries, pairs),
                arguments: core::slice::from_raw_parts(arguments, count),
                environment: core::slice::from_raw_parts(environment, variables),
            }
        }
    }

    /// True if the environment has a variable, given with its value.
    pub fn has_variable(&self, wanted: &[u8]) -> bool {
        self.environment.iter().any(|it| {
            // SAFETY: the kernel put texts there that end with a zero, and a text that is like
            // `wanted` so far is not over.
            let byte = |at: usize| unsafe { *(*it as *const u8).add(at) };
            (0..wanted.len()).all(|at| byte(at) == wanted[at]) && byte(wanted.len()) == 0
        })
    }

    /// Where the texts of the environment begin and end.
    pub fn environment_bounds(&self) -> [usize; 2] {
        let end = self.entries.iter().find(|it| it[0] == AT_EXECFN).map_or(0, |it| it[1]);
        [self.environment.first().copied().unwrap_or(end), end]
    }

    /// Lets it say of the unpacked program what the kernel would say.
    pub fn describe(&mut self, program_headers: usize, count: usize, entry: usize) {
        self.set(AT_PHDR, program_headers);
        self.set(AT_PHENT, PROGRAM_HEADER);
        self.set(AT_PHNUM, count);
        self.set(AT_ENTRY, entry);
    }

    /// Says where the dynamic linker is.
    pub fn set_interpreter(&mut self, base: usize) {
        self.set(AT_BASE, base);
    }

    fn set(&mut self, tag: usize, value: usize) {
        if let Some(entry) = self.entries.iter_mut().find(|it| it[0] == tag) {
            entry[1] = value;
        }
    }
}
