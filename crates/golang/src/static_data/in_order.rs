//! Which of many lengths are in order: what the linker sorted, without what is there by chance.

/// Marks the longest selection of lengths in which none is smaller than one before it.
pub(crate) fn in_order(lengths: &[u32]) -> Vec<bool> {
    // The place where the best selection of each size ends, and what comes before each place.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(lengths.len());
    let at = |place: usize| lengths.get(place).copied().unwrap_or(0);
    for (place, length) in lengths.iter().enumerate() {
        let size = ends.partition_point(|end| at(*end) <= *length);
        before.push(size.checked_sub(1).and_then(|it| ends.get(it)).copied());
        match ends.get_mut(size) {
            Some(end) => *end = place,
            None => ends.push(place),
        }
    }
    let mut marks = vec![false; lengths.len()];
    let mut next = ends.last().copied();
    while let Some(place) = next {
        if let Some(mark) = marks.get_mut(place) {
            *mark = true;
        }
        next = before.get(place).copied().flatten();
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_order_is_left_out() {
        let marked = |lengths: &[u32]| -> Vec<u32> {
            let marks = in_order(lengths);
            lengths.iter().zip(marks).filter(|(_, mark)| *mark).map(|(it, _)| *it).collect()
        };
        assert_eq!(marked(&[1, 2, 2, 9, 3, 3, 1, 4, 8]), [1, 2, 2, 3, 3, 4, 8]);
        assert_eq!(marked(&[5, 5, 1, 5]), [5, 5, 5]);
        assert!(in_order(&[]).is_empty());
    }
}
