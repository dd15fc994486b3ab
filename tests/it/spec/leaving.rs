//! A rolling restart: a process is replaced by the next version while others run, and no client notices.
//!
//! Always true: a process that is asked to end first reports that it is not ready, and continues to answer until the
//! load balancer had time to check.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::SignedDuration;
use private_servers::{Hubnet, free_port, http_status};
use testkit::{Shape, json};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::{
    support::front_desk::{FrontDesk, HUBS, now},
    support::installation::Installation,
    support::remote::Remote,
};

/// How often the load balancer checks readiness; each process gives it a multiple of that.
const LOOKS_EVERY: Duration = Duration::from_millis(100);
const GRACE_SECONDS: &str = "1";
const CALLERS: usize = 8;
const LOAD: u64 = 16;
const TOUCH: &str = "mutation($input: TouchInput!) { checkIn(input: $input) { __typename } }";

/// A minimal load balancer: it sends each connection to a process that was ready at the last check.
struct Balancer {
    url: String,
    ready: [Arc<AtomicBool>; 2],
    work: JoinSet<()>,
}

impl Balancer {
    async fn before(ports: [u16; 2]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let ready = [Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(true))];
        let mut work = JoinSet::new();
        for (port, is_ready) in ports.into_iter().zip(ready.clone()) {
            work.spawn(async move {
                loop {
                    let looked = tokio::task::spawn_blocking(move || http_status(port, "/health/ready"));
                    is_ready.store(looked.await.expect("a look") == Some(200), Ordering::Release);
                    tokio::time::sleep(LOOKS_EVERY).await;
                }
            });
        }
        let backends = ready.clone();
        work.spawn(async move {
            for turn in 0.. {
                let (mut client, _address) = listener.accept().await.expect("a connection");
                let choice = [turn % 2, (turn + 1) % 2];
                let chosen = choice.into_iter().find(|place| backends[*place].load(Ordering::Acquire));
                let port = ports[chosen.expect("one of the two is always ready")];
                tokio::spawn(async move {
                    // A refused connection is lost, and the caller reports it.
                    if let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await {
                        drop(copy_bidirectional(&mut client, &mut server).await);
                    }
                });
            }
        });
        Self { url, ready, work }
    }

    async fn sends_to(&self, place: usize) {
        while !self.ready[place].load(Ordering::Acquire) {
            tokio::time::sleep(LOOKS_EVERY).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_that_are_restarted_one_after_the_other_under_load_lose_no_request() {
    if Shape::of_run() == Shape::Embedded {
        return;
    }
    let installation = Installation::on(testkit::servers(), &format!("leaving_{}", std::process::id()));
    installation.onboard();
    let start = || {
        let port = free_port().expect("a port");
        let grace = ("HUBNET__SERVER__SHUTDOWN_GRACE_SECONDS".to_owned(), GRACE_SECONDS.to_owned());
        installation.launch().settings([grace]).port(port).start().expect("hubnet starts")
    };
    let processes: [Hubnet; 2] = [start(), start()];
    let balancer = Balancer::before([processes[0].port(), processes[1].port()]).await;
    let front_desk = FrontDesk::open(&installation, &balancer.url).await;
    let mut chips = Vec::new();
    for caller in 0..CALLERS {
        let chip = format!("{:08X}", 0x1EA0_0000 + caller);
        front_desk.enrol(HUBS[0], &format!("Caller {caller}"), &chip).await;
        chips.push(chip);
    }

    let (is_over, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut callers = JoinSet::new();
    for chip in chips {
        let (is_over, answered) = (Arc::clone(&is_over), Arc::clone(&answered));
        let (remote, hub) = (front_desk.remote().clone(), front_desk.hub(HUBS[0]).to_owned());
        callers.spawn(async move {
            let mut at = now() - SignedDuration::from_hours(24);
            while !is_over.load(Ordering::Acquire) {
                ask_once(&remote, &hub, &chip, at).await;
                at += SignedDuration::from_secs(1);
                answered.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    for (place, process) in processes.iter().enumerate() {
        under_load(&answered).await;
        let stopping = tokio::task::block_in_place(|| process.stop());
        stopping.expect("it ends when asked");
        tokio::task::block_in_place(|| process.restart()).expect("it starts again");
        balancer.sends_to(place).await;
    }
    under_load(&answered).await;
    is_over.store(true, Ordering::Release);
    while let Some(caller) = callers.join_next().await {
        caller.expect("every request of this caller was answered");
    }
    drop(balancer.work);
}

/// Waits until callers have been answered as often as there are callers.
async fn under_load(answered: &AtomicU64) {
    let before = answered.load(Ordering::Relaxed);
    while answered.load(Ordering::Relaxed) < before + LOAD {
        tokio::time::sleep(LOOKS_EVERY).await;
    }
}

/// Sends a check-in and a query, each over a connection of its own.
async fn ask_once(remote: &Remote, hub: &str, chip: &str, at: jiff::Timestamp) {
    let input = json!({ "hubId": hub, "chip": chip, "at": at, "eventId": format!("{chip} {at}") });
    let touched = remote.afresh().try_response(TOUCH, json!({ "input": input })).await;
    let touched = touched.expect("a check-in is answered");
    assert!(touched["errors"].is_null(), "{touched}");
    let looked = remote.afresh().try_response("{ hubs { nodes { slug } } }", json!({})).await;
    let looked = looked.expect("a query is answered");
    assert!(looked["errors"].is_null(), "{looked}");
}
