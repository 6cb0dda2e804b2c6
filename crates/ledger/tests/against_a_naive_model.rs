//! The settled pieces against a model that looks at every byte and every claim.

#![cfg(test)]

use elfin_ledger::{Claim, Claims, LAYERS, MOST_OWNERS, Owners};
use elfin_model::{FileOffset, FileRange};
use proptest::prelude::*;

const FILE: u64 = 64;

fn claim() -> impl Strategy<Value = Claim> {
    let who = (0..14u32, 0..3u32, 0..3u8);
    (0..FILE + 8, 0..24u64, who, 0..9u8, any::<bool>(), prop::bool::weighted(0.8)).prop_map(
        |(start, bytes, (owner, label, class), layer, exact, may_share)| Claim {
            range: FileRange::new(FileOffset(start), bytes),
            owner,
            label,
            class,
            layer,
            exact,
            may_share,
        },
    )
}

/// What a byte comes to, by looking at every claim.
fn naive(claims: &[Claim], offset: u64) -> (Vec<u32>, bool) {
    let layer = |it: &Claim| usize::from(it.layer).min(LAYERS - 1);
    let here: Vec<&Claim> = claims.iter().filter(|it| it.range.contains(offset)).collect();
    let Some(top) = here.iter().map(|it| layer(it)).max() else { return (Vec::new(), false) };
    let here: Vec<&Claim> = here.into_iter().filter(|it| layer(it) == top).collect();
    let mut owners: Vec<u32> = here.iter().map(|it| it.owner).collect();
    owners.sort_unstable();
    owners.dedup();
    let jealous = here.iter().any(|it| !it.may_share);
    // Which of them has it hangs on where claims that continue each other were joined.
    let clash = jealous && owners.len() > 1;
    (owners, clash)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_byte_has_the_owners_that_the_model_gives_it(
        claims in prop::collection::vec(claim(), 0..40)
    ) {
        let mut ledger = Claims::new(FILE);
        claims.iter().for_each(|it| ledger.push(*it));
        let settled = ledger.settle().unwrap();
        let mut end = 0;
        let mut clashes = false;
        for piece in settled.pieces() {
            prop_assert_eq!(piece.range.start(), end);
            prop_assert!(!piece.range.is_empty());
            end = piece.range.end();
            for offset in piece.range.start()..end {
                let (owners, clash) = naive(&claims, offset);
                clashes |= clash;
                match piece.owners {
                    Owners::Nobody => prop_assert!(owners.is_empty()),
                    Owners::One(one) if clash => prop_assert!(owners.contains(&one)),
                    Owners::One(one) => prop_assert_eq!(owners, [one]),
                    Owners::Several(several) => prop_assert_eq!(owners, several),
                    Owners::Many => prop_assert!(owners.len() > MOST_OWNERS),
                }
                let found = settled.at(FileOffset(offset)).unwrap();
                prop_assert_eq!(found, piece);
            }
        }
        prop_assert_eq!(end, FILE);
        // What is settled stays so when the claims are opened again.
        let before: Vec<_> = settled.pieces().map(|it| format!("{it:?}")).collect();
        let bytes = settled.clashing_bytes();
        let settled = settled.reopen().settle().unwrap();
        prop_assert_eq!(before, settled.pieces().map(|it| format!("{it:?}")).collect::<Vec<_>>());
        prop_assert_eq!(bytes, settled.clashing_bytes());
        // A clash below a higher layer is told too, although nothing hangs on it.
        prop_assert!(!clashes || settled.clashing_bytes() > 0);
        prop_assert_eq!(settled.clashes().is_empty(), settled.clashing_bytes() == 0);
    }

    #[test]
    fn what_is_claimed_later_gets_what_is_nobodys_or_lies_below(
        claims in prop::collection::vec(claim(), 0..20),
        later in prop::collection::vec(claim(), 0..20),
    ) {
        let book = |claims: &[Claim]| {
            let mut ledger = Claims::new(FILE);
            claims.iter().for_each(|it| ledger.push(*it));
            ledger
        };
        let before = book(&claims).settle().unwrap();
        let mut ledger = book(&claims).settle().unwrap().reopen();
        ledger.take_over(book(&later));
        let settled = ledger.settle().unwrap();
        let mut end = 0;
        for piece in settled.pieces() {
            prop_assert_eq!(piece.range.start(), end);
            end = piece.range.end();
            for offset in piece.range.start()..end {
                let was = before.at(FileOffset(offset)).unwrap();
                let here = later.iter().filter(|it| it.range.contains(offset));
                let Some(top) = here.map(|it| it.layer).max() else {
                    prop_assert_eq!(piece.owners, was.owners);
                    continue;
                };
                if top > 0 || was.owners == Owners::Nobody {
                    let (owners, clash) = naive(&later, offset);
                    match piece.owners {
                        Owners::One(one) => prop_assert!(owners.contains(&one)),
                        Owners::Several(several) => prop_assert_eq!(owners, several),
                        Owners::Many => prop_assert!(owners.len() > MOST_OWNERS && !clash),
                        Owners::Nobody => prop_assert!(false, "{offset} is nobody's"),
                    }
                } else {
                    prop_assert_ne!(piece.owners, Owners::Nobody);
                }
            }
        }
        prop_assert_eq!(end, FILE);
    }

    #[test]
    fn the_order_of_entry_does_not_matter(
        mut claims in prop::collection::vec(claim(), 0..40).prop_shuffle()
    ) {
        // A clash goes to the innermost claim, and joining moves where a claim begins.
        claims.iter_mut().for_each(|it| it.may_share = true);
        let bytes = |claims: &[Claim]| -> Vec<String> {
            let mut ledger = Claims::new(FILE);
            claims.iter().for_each(|it| ledger.push(*it));
            let settled = ledger.settle().unwrap();
            (0..FILE).map(|at| format!("{:?}", settled.at(FileOffset(at)).unwrap().owners)).collect()
        };
        let mut sorted = claims.clone();
        sorted.sort_by_key(|it| (it.range, it.owner, it.class, it.label, it.exact));
        prop_assert_eq!(bytes(&claims), bytes(&sorted));
    }
}

#[test]
fn a_crowd_on_one_byte_takes_no_square_of_time() {
    let mut ledger = Claims::new(1 << 20);
    for owner in 0..200_000u32 {
        let range = FileRange::between(u64::from(owner), (1 << 20) - u64::from(owner));
        let claim =
            Claim { range, owner, label: 0, class: 0, layer: 1, exact: true, may_share: true };
        ledger.push(claim);
    }
    let settled = ledger.settle().unwrap();
    assert_eq!(settled.at(FileOffset(0)).unwrap().owners, Owners::One(0));
    assert_eq!(settled.at(FileOffset(1)).unwrap().owners, Owners::Several(&[0, 1]));
    assert_eq!(settled.at(FileOffset(9)).unwrap().owners, Owners::Many);
}

#[test]
fn a_range_beyond_four_gigabytes_is_counted_whole() {
    let file = 10 << 30;
    let mut ledger = Claims::new(file);
    let range = FileRange::between(1 << 30, file);
    ledger.push(Claim {
        range,
        owner: 7,
        label: 0,
        class: 0,
        layer: 0,
        exact: true,
        may_share: false,
    });
    let settled = ledger.settle().unwrap();
    let owned: u64 =
        settled.pieces().filter(|it| it.owners == Owners::One(7)).map(|it| it.range.bytes()).sum();
    assert_eq!(owned, 9 << 30);
}
