//! `elfin` as a user runs it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod browser; // headless Chromium
mod claims;
mod diff; // why one program is larger than another
mod doctor; // what of a machine slows builds down
mod env; // the right Go for a folder
mod errors; // what is wrong is said, with the exit code of the design
mod fixture;
mod pack;
mod page; // the HTML in a browser
mod reports; // rendering again, and two machines side by side
mod repro; // the same source in other worlds
mod resume; // kill -9 at any moment
mod roots; // one source in several root file systems
mod slim; // taking off, and putting together again
mod slim_harm; // what happens to files when something goes wrong
mod sources; // what counts as the same program
mod table; // what the lab finds out
mod treemap; // the page of a weighing in a browser
mod unsteady; // what does not stay as it was
mod watch;
mod weigh; // where every byte of a program goes
mod weigh_hostile; // files that want memory
mod weigh_views; // what each view of that shows
