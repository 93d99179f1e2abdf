//! Both programs on a person's own display: the advisor's on the desktop, the
//! customer's on a computer of its own, which is a window there. On one desktop
//! the two would share mouse and keyboard, and the customer's own mouse, which
//! wins over the advisor's, would be the advisor's.

use crate::{
    launch::{Launch, Place, Process},
    programs::{self, AdvisorOptions, Broker},
    screen::{self, Windows},
    wait,
};
use mitblick_protocol::geometry::Size;
use std::{env, path::PathBuf, thread, time::Duration};

/// Size of the customer's computer's screen; the smallest laptop has room.
const COMPUTER: Size = Size { width: 1_000, height: 680 };

/// How often it is seen whether the person has closed both programs.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

const SAMPLE: &str = "\
Share this window in the customer's program, then ask for control
in the advisor's and type here.

Every pixel that you see at the advisor is exact. Cover this window
with another one: the advisor goes on seeing this one, and never the
other. F12 takes control back.
";

/// Starts a broker, both programs and a sample application, tells what to do
/// and stays until both programs have been closed.
///
/// # Errors
/// None of the sample applications is installed.
pub fn by_hand(display: &str) -> anyhow::Result<()> {
    let place = Place::new();
    println!("starting a broker, both programs and an application on display {display} …");
    let broker = Broker::start(&place, &["--limits", "relaxed", "--organisation", "Demo Help Desk"]);
    let options = AdvisorOptions { fullscreen: false, zoom: "fit", ..AdvisorOptions::default() };
    let mut advisor = programs::advisor_on_desktop(&place, display, broker.url(), &options);
    let number = programs::number(&advisor);
    // After the advisor's, so that it comes to lie above it.
    let title = "The customer's computer";
    let computer = as_at_home(screen::nested_launch(&place, "customer", display, COMPUTER)).args(["-title", title]);
    let (mut computer, customer_display) = screen::await_display(computer);
    let _window_manager = screen::window_manager(&place, "customer", &customer_display, Windows::Framed);
    let file = place.file("sample.txt", SAMPLE);
    let mut sample = sample(&place, &customer_display, &file)?;
    let customer = Launch::new(&place, "customer", programs::path("mitblick-customer"));
    let mut customer = as_at_home(customer.display(&customer_display)).args(["--broker", broker.url()]).start();
    println!(
        "\n\
         You are both people now. The window “{title}” is the customer's whole\n\
         screen, the other window is the advisor's program.\n\
         1. The advisor's program shows the number {number}.\n\
         2. Type it into the customer's program, as if you had heard it on the phone.\n\
         3. Choose the sample application there and share it.\n\
         4. In the advisor's program ask for control, allow it at the customer's,\n\
         \u{20}  and type in the picture.\n\
         5. Press F12 on the customer's computer: control is back.\n\n\
         Close both, or press Ctrl+C here, to end the demo.\n"
    );
    while advisor.process_mut().ended().is_none() || (customer.ended().is_none() && computer.ended().is_none()) {
        thread::sleep(LOOK_AGAIN);
    }
    println!("both programs have ended");
    wait::within(LOOK_AGAIN, || sample.ended());
    Ok(())
}

fn sample(place: &Place, display: &str, file: &std::path::Path) -> anyhow::Result<Process> {
    if installed("mousepad") {
        let launch = Launch::new(place, "sample", "mousepad").display(display).arg("--disable-server").arg(file);
        return Ok(as_at_home(launch).start());
    }
    anyhow::ensure!(installed("xterm"), "install mousepad or xterm, as something to share");
    let launch = Launch::new(place, "sample", "xterm").display(display).args(["-T", "sample", "-e", "sh", "-c"]);
    Ok(as_at_home(launch).arg(r#"cat "$1"; exec cat >/dev/null"#).arg("sh").arg(file).start())
}

fn installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).exists())
}

/// Gives a program what it needs to reach the person's own display, and the
/// person's language.
pub(crate) fn as_at_home(mut launch: Launch<'_>) -> Launch<'_> {
    let own = env::var_os("HOME").map(|home| PathBuf::from(home).join(".Xauthority")).filter(|file| file.exists());
    if let Some(file) = env::var_os("XAUTHORITY").map(PathBuf::from).or(own) {
        launch = launch.env("XAUTHORITY", file.as_os_str());
    }
    for name in ["LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES"] {
        if let Some(value) = env::var_os(name) {
            launch = launch.env(name, value);
        }
    }
    launch
}
