//! Tests of the ELF facts on crafted bytes, on real programs, and on damaged ones.

#[cfg(test)]
mod crafted;
#[cfg(test)]
mod damaged;
#[cfg(test)]
mod programs;
#[cfg(test)]
mod real;
#[cfg(test)]
mod tables;
