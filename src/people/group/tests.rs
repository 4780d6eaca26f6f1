use std::time::Instant;

use super::*;

const OPTIONS: GroupOptions = GroupOptions { join: 0.5, merge: 0.52 };

fn at(degrees: f32) -> Vec<f32> {
    vec![degrees.to_radians().cos(), degrees.to_radians().sin()]
}

/// The n-th face of a photo.
fn rect(number: usize) -> RelativeBox {
    RelativeBox { x: 0.1 * number as f32, y: 0.4, w: 0.08, h: 0.1 }
}

fn photo(vectors: Vec<Vec<f32>>) -> SeenPhoto {
    let face = |(number, vector)| SeenFace { rect: rect(number), quality: 0.9, vector: Some(vector) };
    SeenPhoto {
        id: PhotoId::generate(),
        faces: vectors.into_iter().enumerate().map(face).collect(),
        placed: Vec::new(),
        splits: Vec::new(),
    }
}

fn looked(grouping: &mut Grouping, photos: &[&[f32]]) -> Regrouped {
    grouping.look(photos.iter().map(|faces| photo(faces.iter().map(|d| at(*d)).collect())).collect())
}

/// Who each face was put to, in the order of the faces.
fn people(round: &Regrouped) -> Vec<PersonId> {
    round.faces.iter().map(|(face, _)| face.person).collect()
}

#[test]
fn a_new_face_joins_who_is_there_or_is_somebody_new() {
    let mut grouping = Grouping::new(OPTIONS, &[]);
    let first = looked(&mut grouping, &[&[0.0], &[10.0], &[90.0]]);
    let who = people(&first);
    assert!(who[0] == who[1] && who[1] != who[2], "{who:?}");
    assert_eq!((first.new_people.len(), grouping.len()), (2, 2));
    let later = looked(&mut grouping, &[&[20.0], &[180.0]]);
    assert_eq!(people(&later)[0], who[0], "a photo that comes later");
    assert_eq!((later.new_people.len(), grouping.len()), (1, 3));
}

#[test]
fn two_faces_of_one_photo_are_two_people_however_alike() {
    let mut grouping = Grouping::new(OPTIONS, &[]);
    let who = people(&looked(&mut grouping, &[&[0.0, 3.0], &[1.0], &[2.0, 4.0, 30.0]]));
    assert_ne!(who[0], who[1]);
    assert!(who[3] != who[4] && who[4] != who[5] && who[3] != who[5], "{who:?}");
    assert_eq!(who[2], who[0], "the clearest of the two");
}

#[test]
fn people_who_turn_out_to_be_one_are_made_one() {
    // At 0° and at 70° somebody else each, until faces between them come.
    let mut grouping = Grouping::new(OPTIONS, &[]);
    let first = people(&looked(&mut grouping, &[&[0.0], &[70.0]]));
    assert_ne!(first[0], first[1]);
    let between = looked(&mut grouping, &[&[35.0], &[36.0], &[34.0]]);
    assert_eq!(between.merged, [(first[1], first[0])], "who was there first stays");
    assert_eq!(grouping.len(), 1);
    assert!(people(&between).iter().all(|person| *person == first[0]));
}

#[test]
fn of_whom_somebody_has_said_who_they_are_are_never_made_one_by_the_machine() {
    let [one, other] = [PersonId::generate(), PersonId::generate()];
    let known = |by_hand| {
        [KnownPerson { id: one, number: 1, by_hand }, KnownPerson { id: other, number: 2, by_hand }]
    };
    for (by_hand, expected) in [(true, 2), (false, 1)] {
        let mut grouping = Grouping::new(OPTIONS, &known(by_hand));
        grouping.remember(one, PhotoId::generate(), &at(0.0));
        grouping.remember(other, PhotoId::generate(), &at(5.0));
        looked(&mut grouping, &[&[2.0]]);
        assert_eq!(grouping.len(), expected, "by hand: {by_hand}");
    }
    let mut grouping = Grouping::new(OPTIONS, &[KnownPerson { id: one, number: 9, by_hand: true }]);
    let stranger = people(&looked(&mut grouping, &[&[70.0]]))[0];
    grouping.remember(one, PhotoId::generate(), &at(0.0));
    let round = looked(&mut grouping, &[&[35.0], &[34.0], &[36.0]]);
    assert_eq!(round.merged, [(stranger, one)], "a name is kept");
}

#[test]
fn not_this_person_holds_for_the_face_and_for_whoever_has_it() {
    let person = PersonId::generate();
    let mut grouping = Grouping::new(OPTIONS, &[KnownPerson { id: person, number: 1, by_hand: true }]);
    grouping.remember(person, PhotoId::generate(), &at(0.0));
    let mut split = photo(vec![at(5.0)]);
    // As another model has moved the box a little.
    let moved = RelativeBox { x: 0.005, ..rect(0) };
    split.splits = vec![PlacedFace { id: PersonFaceId::generate(), photo: split.id, person, rect: moved }];
    let who = people(&grouping.look(vec![split]))[0];
    assert_ne!(who, person);
    let round = looked(&mut grouping, &[&[4.0], &[6.0], &[2.0]]);
    assert!(round.merged.is_empty(), "{round:?}");
    assert_eq!(grouping.len(), 2);
}

#[test]
fn a_photo_that_is_looked_at_again_keeps_whom_it_shows() {
    let mut grouping = Grouping::new(OPTIONS, &[]);
    let mut shown = photo(vec![at(0.0), at(90.0)]);
    let first = grouping.look(vec![shown.clone()]);
    shown.placed = first.faces.iter().map(|(face, _)| *face).collect();
    let again = grouping.look(vec![shown.clone()]);
    assert!(again.faces.is_empty() && again.gone.is_empty() && again.new_people.is_empty(), "{again:?}");
    shown.faces.remove(1);
    let without = grouping.look(vec![shown]);
    assert_eq!(without.gone, [first.faces[1].0.id], "a face that is not there any more");
}

#[test]
fn a_face_that_says_nothing_is_put_to_nobody() {
    let mut grouping = Grouping::new(OPTIONS, &[]);
    let mut poor = photo(vec![at(0.0)]);
    poor.faces[0].vector = None;
    assert!(grouping.look(vec![poor]).faces.is_empty() && grouping.is_empty());
}

#[test]
fn a_thousand_faces_take_memory_by_their_people() {
    many_faces(1_000, 50, 100);
}

/// Five hundred people in some forty photos each, and two thousand who are in one. Prints what it takes:
/// `cargo test --lib -- --ignored --nocapture twenty_thousand_faces`.
#[test]
#[ignore = "minutes in the development profile"]
fn twenty_thousand_faces_take_memory_by_their_people() {
    many_faces(20_000, 500, 2_000);
}

/// `often` people who are in many photos, and `once` who are in one.
fn many_faces(wanted: usize, often: usize, once: usize) {
    use rand::{RngExt, SeedableRng, rngs::SmallRng};
    const DIMENSION: usize = 640;
    let mut random = SmallRng::seed_from_u64(1);
    let direction = |random: &mut SmallRng| -> Vec<f32> {
        let vector: Vec<f32> = (0..DIMENSION).map(|_| random.random_range(-1.0..1.0)).collect();
        let length = dot(&vector, &vector).sqrt();
        vector.into_iter().map(|value| value / length).collect()
    };
    let people: Vec<Vec<f32>> = (0..often + once).map(|_| direction(&mut random)).collect();
    // Cosine .6 to their person's own vector, so about .36 to each other.
    let face = |person: usize, random: &mut SmallRng| -> Vec<f32> {
        let noise = direction(random);
        let mixed: Vec<f32> =
            people[person].iter().zip(noise).map(|(own, noise)| 0.6 * own + 0.8 * noise).collect();
        let length = dot(&mixed, &mixed).sqrt();
        mixed.into_iter().map(|value| value / length).collect()
    };
    let mut grouping = Grouping::new(GroupOptions::new(0.25), &[]);
    let (mut faces, mut next_alone) = (0, often);
    let started = Instant::now();
    while faces < wanted {
        let photos = (0..16).map(|_| {
            let mut together: Vec<usize> = (0..4).map(|_| random.random_range(0..often)).collect();
            if next_alone < people.len() {
                together.push(next_alone);
                next_alone += 1;
            }
            together.sort_unstable();
            together.dedup();
            photo(together.into_iter().map(|person| face(person, &mut random)).collect())
        });
        let photos: Vec<SeenPhoto> = photos.collect();
        faces += photos.iter().map(|photo| photo.faces.len()).sum::<usize>();
        grouping.look(photos);
    }
    let (seconds, megabytes) = (started.elapsed().as_secs_f32(), grouping.bytes() as f32 / 1e6);
    println!("{faces} faces, {} people: {megabytes:.1} MB, {seconds:.1} s", grouping.len());
    // The vectors of twenty thousand alone are 51 MB, their pairs 1,600 MB.
    let known = people.len() as f32;
    assert!(megabytes < known * 0.004 + faces as f32 * 0.0002, "{megabytes} MB");
    assert!((grouping.len() as f32 - known).abs() < known * 0.1, "{} people", grouping.len());
}
