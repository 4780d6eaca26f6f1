//! The guarantees of the pool.

use std::sync::{atomic::AtomicUsize, mpsc};

use super::*;

const LONG: Duration = Duration::from_secs(30);

fn one_thread(batch: usize) -> Compute<Vec<&'static str>> {
    Compute::start("test", vec![Vec::new()], Capacity { interactive: 8, batch }).expect("one thread")
}

/// Occupies the only thread until the returned sender is dropped or used.
fn block(compute: &Compute<Vec<&'static str>>) -> (mpsc::Sender<()>, tokio::task::JoinHandle<()>) {
    let (release, gate) = mpsc::channel::<()>();
    let (started, has_started) = mpsc::channel();
    let handle = compute.clone();
    let task = tokio::spawn(async move {
        let work = move |worker: &mut Worker<'_, Vec<&'static str>>| {
            started.send(()).expect("test waits");
            let _ = gate.recv();
            worker.next_step().expect("somebody waits");
            worker.state.push("batch, second half");
        };
        handle.run(Lane::Batch, LONG, work).await.expect("runs");
    });
    has_started.recv_timeout(LONG).expect("the work starts");
    (release, task)
}

async fn until(condition: impl Fn() -> bool) {
    for _ in 0..3000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited 30 s in vain");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn interactive_work_is_let_in_between_the_steps_of_batch_work() {
    let compute = one_thread(8);
    let (release, first) = block(&compute);
    let batch = compute.clone();
    let second =
        tokio::spawn(async move { batch.run(Lane::Batch, LONG, |w| w.state.push("batch, next")).await });
    until(|| compute.waiting(Lane::Batch) == 1).await;
    let urgent = compute.clone();
    let selfie =
        tokio::spawn(async move { urgent.run(Lane::Interactive, LONG, |w| w.state.push("selfie")).await });
    until(|| compute.waiting(Lane::Interactive) == 1).await;
    release.send(()).expect("the work waits");
    first.await.expect("no panic");
    second.await.expect("no panic").expect("runs");
    selfie.await.expect("no panic").expect("runs");
    let order = compute.run(Lane::Batch, LONG, |w| w.state.clone()).await.expect("runs");
    assert_eq!(order, ["selfie", "batch, second half", "batch, next"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_lane_refuses_and_the_other_still_takes() {
    let compute = one_thread(1);
    let (release, first) = block(&compute);
    let queued = compute.clone();
    let waiting = tokio::spawn(async move { queued.run(Lane::Batch, LONG, |_| ()).await });
    until(|| compute.waiting(Lane::Batch) == 1).await;
    let refused = compute.run(Lane::Batch, LONG, |_| ()).await;
    assert!(matches!(refused, Err(ComputeError::Full { .. })), "{refused:?}");
    let selfie = compute.run(Lane::Interactive, LONG, |_| "found");
    drop(release);
    assert_eq!(selfie.await, Ok("found"));
    first.await.expect("no panic");
    waiting.await.expect("no panic").expect("runs");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn abandoned_work_is_skipped() {
    let compute = one_thread(8);
    let (release, first) = block(&compute);
    let late = compute.run(Lane::Batch, Duration::from_millis(20), |w| w.state.push("abandoned")).await;
    assert_eq!(late, Err(ComputeError::TimedOut));
    drop(release);
    first.await.expect("no panic");
    let order = compute.run(Lane::Batch, LONG, |w| w.state.clone()).await.expect("runs");
    assert_eq!(order, ["batch, second half"]);
}

#[tokio::test]
async fn a_panic_is_an_error_and_the_thread_lives_on() {
    let compute = one_thread(8);
    let failed = compute.run(Lane::Batch, LONG, |_| panic!("broken picture")).await;
    assert_eq!(failed, Err::<(), _>(ComputeError::Panicked("broken picture".to_owned())));
    assert_eq!(compute.run(Lane::Batch, LONG, |_| 7).await, Ok(7));
}

/// Two seconds of a guest's crowd that asks again at once, on one thread, while photos wait.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batch_work_gets_on_whatever_guests_do() {
    let compute = one_thread(8);
    let (guests, photos) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let crowd = (0..8).map(|_| {
        let (compute, guests) = (compute.clone(), Arc::clone(&guests));
        tokio::spawn(async move {
            loop {
                let work =
                    compute.run(Lane::Interactive, LONG, |_| std::thread::sleep(Duration::from_millis(5)));
                work.await.expect("runs");
                guests.fetch_add(1, Ordering::SeqCst);
            }
        })
    });
    let crowd: Vec<_> = crowd.collect();
    let work = |compute: Compute<Vec<&'static str>>, photos: Arc<AtomicUsize>| async move {
        loop {
            let steps = |worker: &mut Worker<'_, Vec<&'static str>>| {
                for _ in 0..5 {
                    std::thread::sleep(Duration::from_millis(2));
                    worker.next_step()?;
                }
                Ok::<_, Abandoned>(())
            };
            compute.run(Lane::Batch, LONG, steps).await.expect("runs").expect("somebody waits");
            photos.fetch_add(1, Ordering::SeqCst);
        }
    };
    let batch: Vec<_> = (0..2).map(|_| tokio::spawn(work(compute.clone(), Arc::clone(&photos)))).collect();
    // The crowd may be six seconds ahead before photos take their part.
    tokio::time::sleep(Duration::from_secs(8)).await;
    let before = (guests.load(Ordering::SeqCst), photos.load(Ordering::SeqCst));
    tokio::time::sleep(Duration::from_secs(4)).await;
    let (searched, made) =
        (guests.load(Ordering::SeqCst) - before.0, photos.load(Ordering::SeqCst) - before.1);
    crowd.iter().chain(&batch).for_each(tokio::task::JoinHandle::abort);
    // A photo is 10 ms and more, a search 5 ms and more: a sixth of four seconds is about 60 photos.
    assert!(made >= 20, "{made} photos beside {searched} searches");
    assert!(searched >= 4 * made, "{made} photos beside {searched} searches: guests come first");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_timed_out_or_was_abandoned_leaves_its_lane_at_once() {
    let compute = one_thread(1);
    let (release, first) = block(&compute);
    let late = compute.run(Lane::Batch, Duration::from_millis(20), |_| ()).await;
    assert_eq!((late, compute.waiting(Lane::Batch)), (Err(ComputeError::TimedOut), 0));
    let handle = compute.clone();
    let left = tokio::spawn(async move { handle.run(Lane::Interactive, LONG, |_| ()).await });
    until(|| compute.waiting(Lane::Interactive) == 1).await;
    left.abort();
    until(|| compute.waiting(Lane::Interactive) == 0).await;
    // There is room for another, although no thread has come to either.
    let next = compute.clone();
    let next = tokio::spawn(async move { next.run(Lane::Batch, LONG, |_| "done").await });
    until(|| compute.waiting(Lane::Batch) == 1).await;
    drop(release);
    first.await.expect("no panic");
    assert_eq!(next.await.expect("no panic"), Ok("done"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_in_hand_ends_at_its_next_step_when_nobody_waits() {
    let compute = one_thread(8);
    for lane in [Lane::Interactive, Lane::Batch] {
        let (ended, has_ended) = mpsc::channel();
        let work = move |worker: &mut Worker<'_, Vec<&'static str>>| {
            let steps = (0..3000).find(|_| {
                std::thread::sleep(Duration::from_millis(10));
                worker.next_step().is_err()
            });
            ended.send(steps).expect("the test waits");
        };
        // Its own word and the deadline come at the same moment.
        let late = compute.run(lane, Duration::from_millis(50), work).await;
        assert!(matches!(late, Ok(()) | Err(ComputeError::TimedOut)), "{late:?}");
        let steps =
            has_ended.recv_timeout(Duration::from_secs(10)).expect("it ends long before its last step");
        assert!(steps.is_some_and(|steps| steps < 100), "{steps:?}");
    }
}

/// Ten pieces of a second each, on one thread: what would come too late is refused at once, and told when to come.
#[tokio::test]
async fn work_is_admitted_by_what_can_be_done_within_its_deadline() {
    let mut queues: Queues<usize> = Queues::new(Capacity { interactive: 100, batch: 1 }, 1);
    let terms = |asker| Terms { asker, ..Terms::new(Lane::Interactive, Duration::from_secs(5)) };
    let (crowd, guest) = (terms(Asker::new("wedding", "crowd")), terms(Asker::new("wedding", "guest")));
    // Nothing is known before the first has been measured.
    assert_eq!(queues.admits(&crowd), Ok(()));
    queues.measured(&crowd, 0.0, Duration::from_secs(1));
    let entered = (0..10).filter(|n| queues.enter(crowd, *n).is_ok()).count();
    assert_eq!(entered, 5, "as many as five seconds hold");
    let Err(ComputeError::Full { retry_after }) = queues.admits(&crowd) else { panic!("is full") };
    assert_eq!(retry_after, Duration::from_secs(1), "until one of them is done");
    assert_eq!(queues.admits(&guest), Ok(()), "another address waits for one turn of the crowd's");
    assert_eq!(queues.admits(&Terms { is_begun: true, ..crowd }), Ok(()), "what was begun is finished");
    let five = Terms { units: 5, ..guest };
    assert!(matches!(queues.admits(&five), Err(ComputeError::Full { .. })), "five selfies take five seconds");
}

/// A machine that stood still once must not refuse everybody for good.
#[tokio::test]
async fn one_bad_measurement_does_not_close_the_lane() {
    let mut queues: Queues<usize> = Queues::new(Capacity { interactive: 100, batch: 1 }, 1);
    let terms = Terms::new(Lane::Interactive, Duration::from_secs(5));
    queues.measured(&terms, 0.0, Duration::from_secs(600));
    assert!(queues.enter(terms, 1).is_ok());
    assert!(queues.enter(terms, 2).is_err());
    assert_eq!(queues.next(Instant::now()).map(|taken| taken.task), Some(1));
    (0..60).for_each(|_| queues.measured(&terms, 0.0, Duration::from_millis(100)));
    assert!((1..=10).all(|n| queues.enter(terms, n).is_ok()));
}

#[tokio::test]
async fn a_full_lane_makes_room_for_whoever_has_nothing_in_it() {
    let mut queues: Queues<usize> = Queues::new(Capacity { interactive: 3, batch: 1 }, 1);
    let terms =
        |member| Terms { asker: Asker::new("wedding", member), ..Terms::new(Lane::Interactive, LONG) };
    assert!((1..=3).all(|n| queues.enter(terms("crowd"), n).is_ok()));
    assert!(queues.enter(terms("crowd"), 4).is_err());
    assert!(queues.enter(terms("guest"), 5).is_ok());
    assert_eq!(queues.waiting(Lane::Interactive), 3, "the crowd's last has made room");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_is_alive_however_much_waits() {
    let compute = one_thread(8);
    assert!(compute.is_alive());
    let (release, first) = block(&compute);
    let waiting: Vec<_> = (0..8)
        .map(|_| {
            let compute = compute.clone();
            tokio::spawn(async move { compute.run(Lane::Interactive, LONG, |_| ()).await })
        })
        .collect();
    until(|| compute.waiting(Lane::Interactive) == 8).await;
    assert!(compute.is_alive());
    drop(release);
    first.await.expect("no panic");
    for search in waiting {
        search.await.expect("no panic").expect("runs");
    }
}
