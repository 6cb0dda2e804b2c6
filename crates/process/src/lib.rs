//! Runs programs: the only room that spawns.
//!
//! Outside tools are run to their end ([`Tool`]), at another time of day too; the programs that the lab measures are started
//! and timed ([`start()`]), looked at while they live ([`snapshot()`]) or where their code begins
//! ([`Held`]), led from mark to mark or instruction by instruction ([`Stepper`]), kept running
//! ([`Running`]), or started in an empty root ([`start_in_empty_root`]) or in another's, which is put
//! together where only elfin sees it ([`compose_root`]); and elfin itself may become another ([`replace()`]). All go through one way of spawning, which promises that no child
//! outlives elfin, that a timeout or a [`Cancel`] ends the whole process group, and that a child
//! never blocks on a full pipe. Nothing here knows what is run or why, and nothing prints.

mod apart;
mod attendance;
mod capture;
mod child;
mod clock;
mod clock_shift;
mod clocks;
mod command;
mod composed_root;
mod empty_root;
mod entry;
mod entry_stop;
mod exit;
mod find;
mod freed_memory;
mod guise;
mod image;
mod interrupt;
mod memory_map;
mod mounts;
mod page_cache;
mod port;
mod program;
mod readiness;
mod reflink;
mod replace;
mod room;
mod running;
mod snapshot;
mod start;
mod stepper;
mod trace;

pub use apart::{ApartError, own_mounts, own_network};
pub use attendance::time_with_children;
pub use clocks::{Watched, ahead_of_ptp, watch_clock};
pub use command::{Output, Tool, ToolError};
pub use composed_root::{Graft, compose_root, room_for_roots};
pub use empty_root::{EmptyRootError, start_in_empty_root};
pub use entry_stop::Held;
pub use exit::Exit;
pub use find::find;
pub use freed_memory::return_freed_memory;
pub use interrupt::Cancel;
pub use memory_map::Surroundings;
pub use mounts::{Mount, Mounts};
pub use page_cache::drop_page_cache;
pub use program::{Program, Ready, ReadyError};
pub use reflink::reflink;
pub use replace::replace;
pub use room::{Room, free_room};
pub use running::Running;
pub use snapshot::{Places, Snapshot, snapshot};
pub use start::{StartError, Started, start};
pub use stepper::{Course, Event, Registers, Stepper};
