# What scripts/test and scripts/demo have in common: the packages that are
# needed, and the one selection of crates and features that both build, so that
# nothing is compiled twice. To be sourced from the top of the repository.

# The customer's automation is off in releases and on wherever a program drives
# the programs.
CARGO_SET=(--workspace --features mitblick-customer/automation)

# build: compiler and assembler. run: what the programs load at run time.
# see: virtual screens, the applications that are shown on them, a browser, and
# a clock that jumps. check: how tight the service is, an authority that gives
# certificates, a key store on a bus of the test's own with the window in which
# it asks, a proxy that lets nobody pass without a password, and what signs
# downloads.
PACKAGES=(
  build-essential pkg-config nasm
  libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon-x11-0
  xvfb xserver-xephyr x11-xkb-utils x11-xserver-utils xdotool xclip openbox xterm x11-apps mousepad
  fonts-dejavu-core xfonts-base procps
  chromium chromium-driver
  libfaketime
  systemd
  pebble
  dbus-daemon gnome-keyring gcr
  tinyproxy-bin
  minisign
  ffmpeg
)

# Installs the packages that are missing; asks for a password only then.
ensure_packages() {
  local missing=() package
  for package in "${PACKAGES[@]}"; do
    if [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true)" != "ii " ]; then
      missing+=("$package")
    fi
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "to be installed: ${missing[*]}"
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "run as root: apt-get install ${missing[*]}" >&2
      return 1
    fi
    root=(sudo)
  fi
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends -y "${missing[@]}" >/dev/null
}

# The toolchain of rust-toolchain.toml, or a plain word on how to get it.
ensure_toolchain() {
  if ! command -v cargo >/dev/null; then
    echo "no cargo here; install Rust with rustup, which then takes the version from rust-toolchain.toml" >&2
    return 1
  fi
  local wanted found
  wanted=$(sed -n 's/^channel = "\(.*\)"$/\1/p' rust-toolchain.toml)
  found=$(rustc --version | cut -d' ' -f2)
  if [ "$found" != "$wanted" ]; then
    echo "rustc is $found, rust-toolchain.toml asks for $wanted" >&2
    return 1
  fi
  rustc --version
}
