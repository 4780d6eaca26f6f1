use pixora::{
    domain::StudioId,
    store::{Completed, FileSum, Processed},
};

use crate::fixtures::{Database, now, processed};

fn sum(name: &str, mark: Option<(StudioId, String)>) -> FileSum {
    FileSum { name: name.to_owned(), bytes: u64::from(u32::MAX) + 1, crc32: u32::MAX, mark }
}

#[tokio::test]
async fn what_is_known_of_files_comes_and_goes_with_their_photo() {
    let database = Database::new().await;
    let store = &database.store;
    let session = database.session().await;
    let photo = database.photo(session.id).await;
    let job = database.job_of(photo).await;
    let made = Processed {
        original: photo,
        files: vec![sum("original", None), sum("2048-0123456789abcdef.jpg", None)],
        ..processed(photo, 0)
    };
    assert_eq!(store.photos().complete(photo, &made, job.id).await.unwrap(), Completed::Done);
    let studio = session.studio_id;
    let marked = sum("2048-0123456789abcdef-00000000000000aa.jpg", Some((studio, "00000000000000aa".into())));
    assert!(store.files().keep(photo, &marked).await.unwrap());
    assert!(store.files().keep(photo, &marked).await.unwrap(), "and again");

    let known = store.files().sums(&[photo], "").await.unwrap();
    assert_eq!(known.len(), 3);
    let original = &known[&(photo, "original".to_owned())];
    assert_eq!((original.bytes, original.crc32), (u64::from(u32::MAX) + 1, u32::MAX));
    assert_eq!(store.files().sums(&[photo], "original").await.unwrap().len(), 1);
    assert_eq!(store.files().marks().await.unwrap(), [(studio, "00000000000000aa".to_owned())]);
    let copies = store.files().marked(studio, "00000000000000aa", 10).await.unwrap();
    assert_eq!(copies, [(session.id, photo, marked.name.clone())]);
    store.files().forget(&[(photo, marked.name.clone())]).await.unwrap();
    assert_eq!(store.files().marks().await.unwrap(), []);

    store.erasures().begin(photo, now()).await.unwrap().expect("was there");
    assert_eq!(store.files().sums(&[photo], "").await.unwrap().len(), 0);
    assert!(!store.files().keep(photo, &marked).await.unwrap(), "nothing is kept for an erased photo");
    store.files().keep_all(&[(photo, marked)]).await.unwrap();
    assert_eq!(store.files().marks().await.unwrap(), []);
}
