//! Areas as boxes that are as square as can be (Bruls, Huizing, van Wijk: Squarified Treemaps, 2000).

/// A box in a plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Square {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Divides a box among areas, largest first; the boxes stand in the order of the areas.
pub(super) fn squares(areas: &[f64], whole: Square) -> Vec<Square> {
    let total: f64 = areas.iter().sum();
    let scale = if total > 0.0 { whole.width * whole.height / total } else { 0.0 };
    let mut rest = areas;
    let mut room = whole;
    let mut boxes = Vec::with_capacity(areas.len());
    while !rest.is_empty() {
        let side = room.width.min(room.height);
        let mut length = 1;
        while length < rest.len()
            && worst(&rest[..=length], side, scale) <= worst(&rest[..length], side, scale)
        {
            length += 1;
        }
        let (row, behind) = rest.split_at(length);
        rest = behind;
        room = place(row, room, scale, &mut boxes);
    }
    boxes
}

/// How far from square the worst box of a row along a side is.
fn worst(row: &[f64], side: f64, scale: f64) -> f64 {
    let sum: f64 = row.iter().sum::<f64>() * scale;
    let most = row.iter().fold(0.0, |most: f64, it| most.max(*it)) * scale;
    let least = row.iter().fold(f64::INFINITY, |least: f64, it| least.min(*it)) * scale;
    let square = side * side;
    (square * most / (sum * sum)).max(sum * sum / (square * least))
}

/// Places a row along the shorter side; gives the room that is left.
fn place(row: &[f64], room: Square, scale: f64, boxes: &mut Vec<Square>) -> Square {
    let sum: f64 = row.iter().sum::<f64>() * scale;
    let upright = room.width >= room.height;
    let side = if upright { room.height } else { room.width };
    let depth = if side > 0.0 { sum / side } else { 0.0 };
    let mut at = 0.0;
    for area in row {
        let length = if depth > 0.0 { area * scale / depth } else { 0.0 };
        boxes.push(if upright {
            Square { x: room.x, y: room.y + at, width: depth, height: length }
        } else {
            Square { x: room.x + at, y: room.y, width: length, height: depth }
        });
        at += length;
    }
    if upright {
        Square { x: room.x + depth, width: (room.width - depth).max(0.0), ..room }
    } else {
        Square { y: room.y + depth, height: (room.height - depth).max(0.0), ..room }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_have_their_areas_and_stay_inside() {
        let areas = [6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0];
        let whole = Square { x: 0.0, y: 0.0, width: 6.0, height: 4.0 };
        let boxes = squares(&areas, whole);
        assert_eq!(boxes.len(), areas.len());
        for (area, it) in areas.iter().zip(&boxes) {
            assert!((it.width * it.height - area).abs() < 1e-9, "{it:?}");
            assert!(it.x >= 0.0 && it.y >= 0.0, "{it:?}");
            assert!(it.x + it.width <= 6.0 + 1e-9 && it.y + it.height <= 4.0 + 1e-9, "{it:?}");
        }
    }
}
