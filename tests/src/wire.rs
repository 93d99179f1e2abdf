//! A line between a program and the broker that can be cut, and that counts.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

#[derive(Default)]
struct State {
    /// Nothing passes, and neither side is told.
    dead: AtomicBool,
    /// Nobody gets through: what comes is closed at once.
    held: AtomicBool,
    closed: AtomicBool,
    /// Bytes from the programs to the broker.
    up_bytes: AtomicU64,
    /// Bytes from the broker to the programs.
    down_bytes: AtomicU64,
    sockets: Mutex<Vec<TcpStream>>,
}

impl State {
    fn cut(&self) {
        for socket in self.sockets.lock().expect("the sockets").drain(..) {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

/// A TCP relay on the loopback interface.
pub struct Wire {
    address: SocketAddr,
    state: Arc<State>,
}

/// How often a stopped direction looks whether it may go on.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

impl Wire {
    /// A relay to this address.
    ///
    /// # Panics
    /// If there is no port free.
    pub fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let state: Arc<State> = Arc::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                if shared.closed.load(Ordering::SeqCst) {
                    return;
                }
                if shared.held.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(far) = TcpStream::connect(target) else { continue };
                let _ = (near.set_nodelay(true), far.set_nodelay(true));
                pump(&near, &far, &shared, |state| &state.up_bytes);
                pump(&far, &near, &shared, |state| &state.down_bytes);
                shared.sockets.lock().expect("the sockets").extend([near, far]);
                // It may have come just when the line was cut.
                if shared.held.load(Ordering::SeqCst) {
                    shared.cut();
                }
            }
        });
        Self { address, state }
    }

    /// Where programs connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets nothing pass from now on, in either direction, and tells no one:
    /// what a pulled cable looks like.
    pub fn go_dead(&self) {
        self.state.dead.store(true, Ordering::SeqCst);
    }

    /// Closes every connection.
    pub fn cut(&self) {
        self.state.cut();
    }

    /// Closes every connection, and each new one, until it is released.
    pub fn hold(&self) {
        self.state.held.store(true, Ordering::SeqCst);
        self.cut();
    }

    /// Lets connections be made again.
    pub fn release(&self) {
        self.state.held.store(false, Ordering::SeqCst);
    }

    /// Bytes from the programs to the broker so far.
    pub fn up_bytes(&self) -> u64 {
        self.state.up_bytes.load(Ordering::SeqCst)
    }

    /// Bytes from the broker to the programs so far.
    pub fn down_bytes(&self) -> u64 {
        self.state.down_bytes.load(Ordering::SeqCst)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.state.closed.store(true, Ordering::SeqCst);
        self.cut();
        // Wakes the listener, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

fn pump(from: &TcpStream, to: &TcpStream, state: &Arc<State>, counter: fn(&State) -> &AtomicU64) {
    let (mut from, mut to) = (from.try_clone().expect("a socket"), to.try_clone().expect("a socket"));
    let state = Arc::clone(state);
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            while state.dead.load(Ordering::SeqCst) && !state.closed.load(Ordering::SeqCst) {
                thread::sleep(LOOK_AGAIN);
            }
            counter(&state).fetch_add(read as u64, Ordering::SeqCst);
            if to.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        // A dead line does not tell the other side that this one has left.
        while state.dead.load(Ordering::SeqCst) && !state.closed.load(Ordering::SeqCst) {
            thread::sleep(LOOK_AGAIN);
        }
        let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    });
}
