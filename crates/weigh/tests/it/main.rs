//! Tests of the weighing on real programs, and on damaged ones.

#[cfg(test)]
mod damaged;
#[cfg(test)]
mod dwarf;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod programs;
#[cfg(test)]
mod real;
