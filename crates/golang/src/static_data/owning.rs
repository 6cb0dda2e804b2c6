//! From who refers to an object to who owns it.
//!
//! What the linker merged (strings, unnamed types, names) belongs to all who
//! refer to it, directly or through other such objects. Any other object
//! belongs to one package, and a package comes before those that import it:
//! of all whose code refers to it, inlined elsewhere or not, the first one
//! defined it.

use super::lookup::Lookup;
use super::objects::{Object, Whose};
use super::references::Reference;
use super::sets::{NOBODY, Set, Sets};
use rayon::iter::ParallelIterator;
use rayon::slice::ParallelSliceMut;
use std::collections::HashMap;

/// Owners below this number are packages, one numbered behind the other.
const MOST_NUMBERED: usize = 1 << 20;

/// The order in which packages come in the code: each behind those that it imports.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// The place of each owner; owners are numbered from 0, but for libraries and what is new.
    places: Vec<u32>,
    others: HashMap<u32, u32>,
}

impl Order {
    /// Takes the owners of the functions in the order of these.
    pub(crate) fn new(owners: impl Iterator<Item = u32>) -> Order {
        // Some functions stand in another package than their names say, so the place where most
        // of a package is counts.
        let mut longest: HashMap<u32, (u32, u32)> = HashMap::new();
        let mut run = (0, 0);
        let mut last = None;
        let mut end = |owner: Option<u32>, run: (u32, u32)| {
            let Some(owner) = owner else { return };
            let best = longest.entry(owner).or_insert(run);
            if run.0 > best.0 {
                *best = run;
            }
        };
        for (place, owner) in (0..).zip(owners) {
            if last == Some(owner) {
                run.0 += 1;
            } else {
                end(last.replace(owner), run);
                run = (1, place);
            }
        }
        end(last, run);
        let mut order = Order::default();
        for (owner, (_, place)) in longest {
            let number = owner as usize;
            if number >= MOST_NUMBERED {
                order.others.insert(owner, place);
                continue;
            }
            if order.places.len() <= number {
                order.places.resize(number + 1, u32::MAX);
            }
            order.places[number] = place;
        }
        order
    }

    fn first(&self, a: u32, b: u32) -> u32 {
        let place = |it: u32| {
            let numbered = self.places.get(it as usize);
            numbered.or_else(|| self.others.get(&it)).copied().unwrap_or(u32::MAX)
        };
        if (place(b), b) < (place(a), a) { b } else { a }
    }
}

/// The first owner of what has none yet; no package has this number.
const NONE: u32 = u32::MAX;

/// Gives each object its owners. The references are not needed any more then, and are given up one
/// after the other, because this is where most memory is in use.
pub(crate) fn owners(
    objects: &[Object],
    from_code: Vec<Reference>,
    from_data: Vec<Reference>,
    order: &Order,
    sets: &mut Sets,
) -> Vec<Set> {
    let by_code = || {
        let by_code = ByCode::new(objects, &from_code, order, sets);
        drop(from_code);
        by_code
    };
    let (by_code, edges) = rayon::join(by_code, || Edges::new(objects, from_data));
    let ByCode { mut first, inside, mut all } = by_code;
    by_data(objects, &edges, order, &mut first);
    // Into the middle of a large table much leads by chance, so that comes last.
    for (first, inside) in first.iter_mut().zip(inside) {
        *first = if *first == NONE { inside } else { *first };
    }
    by_data(objects, &edges, order, &mut first);
    let mut last = None;
    for (object, (first, all)) in objects.iter().zip(first.iter().zip(&mut all)) {
        let owner = match object.whose() {
            Whose::Owner(owner) => owner,
            Whose::Definer if *first != NONE => *first,
            _ => continue,
        };
        *all = match last {
            Some((same, set)) if same == owner => set,
            _ => sets.one(owner),
        };
        last = Some((owner, *all));
    }
    spread(objects, &edges, &mut all, sets);
    continue_into_nobodys(objects, &mut all);
    all
}

/// Gives what begins where nobody's number happens to point to the object before it.
fn continue_into_nobodys(objects: &[Object], all: &mut [Set]) {
    let mut before: Option<(&Object, Set)> = None;
    for (object, owners) in objects.iter().zip(all) {
        if let Some((before, owner)) = before
            && *owners == NOBODY
            && before.end == object.start
            && [before, object].iter().all(|it| it.whose() == Whose::Definer)
        {
            *owners = owner;
        }
        before = Some((object, *owners));
    }
}

/// The pointers between objects, from object to object by their numbers.
struct Edges {
    /// The targets of each object's pointers, one object's behind the other's.
    targets: Vec<u32>,
    /// Where each object's begin.
    starts: Vec<u32>,
    /// Where they end; behind that is what it points at more than once.
    ends: Vec<u32>,
}

impl Edges {
    /// Takes references that are sorted by target.
    fn new(objects: &[Object], from_data: Vec<Reference>) -> Edges {
        let mut pairs = from_data;
        pair(objects, &mut pairs);
        let mut starts = vec![0_u32; objects.len()];
        for it in pairs.iter().filter(|it| **it != NO_PAIR) {
            starts[it.target() as usize] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += std::mem::replace(start, sum);
        }
        let (mut targets, mut ends) = (vec![0; sum as usize], starts.clone());
        for it in pairs.iter().filter(|it| **it != NO_PAIR) {
            let (source, target) = (it.target() as usize, it.source());
            let (start, end) = (starts[source], &mut ends[source]);
            // The targets come in order.
            if *end == start || targets[*end as usize - 1] != target {
                targets[*end as usize] = target;
                *end += 1;
            }
        }
        Edges { targets, starts, ends }
    }

    /// What an object points at.
    fn of(&self, object: usize) -> impl Iterator<Item = usize> {
        let place = |of: &[u32]| of.get(object).map_or(0, |it| *it as usize);
        let targets = self.targets.get(place(&self.starts)..place(&self.ends));
        targets.unwrap_or_default().iter().map(|it| *it as usize)
    }
}

/// No pair: an object does not point at itself.
const NO_PAIR: Reference = Reference::new(u32::MAX, u32::MAX);

/// Puts in the place of references, which are sorted by target, the numbers of objects: of the one
/// that has the pointer above, and below that of the one that it points at.
fn pair(objects: &[Object], references: &mut [Reference]) {
    /// References that one thread looks up at a time.
    const BATCH: usize = 1 << 14;
    let lookup = Lookup::new(objects, |it| it.start);
    let pair = |number: u32, object: &Object, it: Reference| {
        let open = matches!(object.whose(), Whose::Definer | Whose::Everyone);
        if !open || object.start != it.target() {
            return None;
        }
        let source = find(objects, &lookup, it.source())?;
        (number != source).then_some(Reference::new(source, number))
    };
    references.par_chunks_mut(BATCH).for_each(|batch| {
        let first = batch.first().map_or(0, |it| it.target());
        let before = objects.partition_point(|it| it.start < first);
        let numbers = u32::try_from(before).unwrap_or(u32::MAX)..;
        let mut rest = numbers.zip(objects.get(before..).unwrap_or_default()).peekable();
        for it in batch {
            while rest.next_if(|(_, object)| object.start < it.target()).is_some() {}
            let pair = rest.peek().and_then(|(number, object)| pair(*number, object, *it));
            *it = pair.unwrap_or(NO_PAIR);
        }
    });
}

/// The number of the object that an offset is in.
fn find(objects: &[Object], lookup: &Lookup, offset: u32) -> Option<u32> {
    let at = lookup.last(objects, offset, |it| it.start)?;
    objects.get(at).filter(|it| offset < it.end)?;
    u32::try_from(at).ok()
}

/// Who refers to each object in code.
struct ByCode {
    /// Of what one package defines the first that refers to the beginning.
    first: Vec<u32>,
    /// Of what one package defines the first that refers into it.
    inside: Vec<u32>,
    /// Of what everyone owns all that do.
    all: Vec<Set>,
}

impl ByCode {
    fn new(objects: &[Object], from_code: &[Reference], order: &Order, sets: &mut Sets) -> ByCode {
        let [first, inside] = [(); 2].map(|()| Vec::with_capacity(objects.len()));
        let mut by_code = ByCode { first, inside, all: Vec::with_capacity(objects.len()) };
        let mut rest = from_code;
        for object in objects {
            let before = rest.iter().take_while(|it| it.target() < object.start).count();
            rest = rest.get(before..).unwrap_or_default();
            let count = rest.iter().take_while(|it| it.target() < object.end).count();
            let (into, behind) = rest.split_at(count);
            rest = behind;
            let starts = || into.iter().take_while(|it| it.target() == object.start);
            let is_by_writer = |it: &&Reference| it.is_by_writer();
            let first = |best: Option<u32>, it: &Reference| {
                Some(best.map_or(it.owner(), |other| order.first(other, it.owner())))
            };
            let (mut by_start, mut by_any, mut all) = (None, None, NOBODY);
            match object.whose() {
                Whose::Owner(owner) => by_start = Some(owner),
                Whose::Definer => {
                    by_start = starts().filter(is_by_writer).fold(None, first);
                    by_any = into.iter().filter(is_by_writer).fold(None, first);
                }
                Whose::Everyone => {
                    let mut last = None;
                    for it in starts().filter(|it| it.is_by_holder()) {
                        if last.replace(it.owner()) != Some(it.owner()) {
                            let one = sets.one(it.owner());
                            all = sets.union(all, one);
                        }
                    }
                }
                Whose::System => {}
            }
            by_code.first.push(by_start.unwrap_or(NONE));
            by_code.inside.push(by_any.unwrap_or(NONE));
            by_code.all.push(all);
        }
        by_code
    }
}

/// Gives what no code refers to the first owner of what points at it.
fn by_data(objects: &[Object], edges: &Edges, order: &Order, first: &mut [u32]) {
    let is_open = |at: usize, it: &Object| it.whose() == Whose::Definer && first[at] == NONE;
    let open: Vec<bool> = objects.iter().enumerate().map(|(at, it)| is_open(at, it)).collect();
    let mut changed: Vec<u32> = numbers(objects).filter(|at| first[*at as usize] != NONE).collect();
    while let Some(at) = changed.pop() {
        let owner = first[at as usize];
        for target in edges.of(at as usize).filter(|it| open[*it]) {
            let other = first[target];
            let best = if other == NONE { owner } else { order.first(other, owner) };
            if other != best {
                first[target] = best;
                changed.extend(u32::try_from(target));
            }
        }
    }
}

/// The numbers of the objects, of which there are fewer than offsets.
fn numbers(objects: &[Object]) -> std::ops::Range<u32> {
    0..u32::try_from(objects.len()).unwrap_or(u32::MAX)
}

/// Gives what everyone owns, and what nobody owns yet, to all owners of what points at it.
fn spread(objects: &[Object], edges: &Edges, all: &mut [Set], sets: &mut Sets) {
    let open: Vec<bool> = objects
        .iter()
        .zip(&*all)
        .map(|(it, owners)| match it.whose() {
            Whose::Everyone => true,
            Whose::Definer => *owners == NOBODY,
            Whose::Owner(_) | Whose::System => false,
        })
        .collect();
    let mut changed: Vec<u32> = numbers(objects).filter(|at| all[*at as usize] != NOBODY).collect();
    while let Some(at) = changed.pop() {
        let owners = all[at as usize];
        for target in edges.of(at as usize).filter(|it| open[*it]) {
            let union = sets.union(all[target], owners);
            if union != all[target] {
                all[target] = union;
                changed.extend(u32::try_from(target));
            }
        }
    }
}
