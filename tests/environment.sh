# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by quickstart and check: packages of this machine, and unpacked packages of other architectures. Everything is fetched
# with the machine's own apt configuration (sources, proxies, keys) and with no root for the latter.
export DEBIAN_FRONTEND=noninteractive

build_packages='meson ninja-build gcc libc6-dev pkg-config python3 libelf-dev zlib1g-dev libcapstone-dev libxxhash-dev libseccomp-dev libglib2.0-dev
    libpcre2-dev debian-archive-keyring file perl-base'
test_packages='check libsubunit-dev gcc-aarch64-linux-gnu g++-aarch64-linux-gnu gcc-riscv64-linux-gnu g++-riscv64-linux-gnu
    libc6-dev-arm64-cross libc6-dev-riscv64-cross qemu-user-static binutils g++ clang clang-14 libclang-rt-14-dev gdb-multiarch
    git perl sqlite3 openssl curl xz-utils zstd bzip2 make bc less procps util-linux hostname libc-bin'
userland_packages='base-files base-passwd bash dash coreutils findutils grep sed tar gzip diffutils hostname mawk python3 perl gcc g++ git
    sqlite3 openssl curl xz-utils zstd bzip2 make bc file less procps binutils libc-bin libc-l10n debianutils nodejs'
# What a cross build links, with the library of the unit tests.
cross_packages='libelf-dev zlib1g-dev libcapstone-dev libxxhash-dev libglib2.0-dev libpcre2-dev check libsubunit-dev'

say()
{
    printf '== %s\n' "$*"
}

# Prints what a command needs before it to run as root: nothing, or sudo, which asks for a password only where somebody can type it.
root_prefix()
{
    if [ "$(id -u)" = 0 ]; then
        return 0
    elif sudo -n true 2>/dev/null; then
        echo sudo -n
    elif [ -t 0 ] && [ -t 2 ] && command -v sudo >/dev/null; then
        echo sudo
    else
        return 1
    fi
}

# Installs those of the named Debian packages that are not installed yet.
install_packages()
{
    local missing prefix
    # shellcheck disable=SC2016
    missing=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
        awk '$2 == "installed" { have[$1] = 1 } END { for (name in have) print name }' | sort) || true
    missing=$(comm -13 <(printf '%s\n' "$missing") <(printf '%s\n' "$@" | sort -u))
    [ -n "$missing" ] || return 0
    say "installing" $missing
    prefix=$(root_prefix) || {
        echo "Installing needs root, and there is no sudo without a password here. Run as root, then start again:" >&2
        echo "apt-get install --no-install-recommends" $missing >&2
        return 1
    }
    # shellcheck disable=SC2086
    $prefix apt-get update -q </dev/null >.cache/apt.log 2>&1 || true
    # shellcheck disable=SC2086
    $prefix env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing </dev/null >>.cache/apt.log 2>&1 ||
        { tail -20 .cache/apt.log; echo "could not install the packages above" >&2; return 1; }
}

# The mirror that this machine fetches its release from; if its sources name the release in another way, the first one.
debian_mirror()
{
    # shellcheck disable=SC2016
    apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
        awk -v release="$(. /etc/os-release; echo "$VERSION_CODENAME")" '$3 != "main" { next }
            !first { first = $1 }
            $2 == release { print found = $1; exit }
            END { if (!found) print first }'
}

# apt for another architecture and release with its own state: private_apt FOLDER ARCHITECTURE ARGUMENTS...
private_apt()
{
    local state=$1 architecture=$2
    shift 2
    apt-get -q -o APT::Architecture="$architecture" -o APT::Architectures::="$architecture" -o Dir::State="$state/state" \
        -o Dir::State::status="$state/state/status" -o Dir::Cache="$state/cache" -o Dir::Etc::SourceList="$state/sources.list" \
        -o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
        -o APT::Install-Recommends=false -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none \
        -o Debug::NoLocking=true "$@" </dev/null
}

# Unpacks packages with all they need: fetch_userland FOLDER ARCHITECTURE RELEASE PACKAGES...
# Nothing is configured: no maintainer script runs. Repeated calls cost nothing while the list of packages is the same.
fetch_userland()
{
    fetch_unpacked 'install -y --download-only' "$@"
}

# The same with the named packages alone.
fetch_packages()
{
    fetch_unpacked download "$@"
}

fetch_unpacked()
{
    local command=$1 root architecture=$3 release=$4 state stamp
    root=$(realpath -m "$2")
    state=$root.apt stamp=$root.complete
    shift 4
    local wanted="$architecture $release $*"
    [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || return 0
    say "fetching $release packages for $architecture"
    rm -rf "$root" "$stamp" "$state/state"
    mkdir -p "$root"/usr/{bin,sbin,lib} "$root"/{tmp,etc,proc,dev,root,home} "$state"/state/lists/partial "$state"/cache/archives/partial
    chmod 1777 "$root/tmp"
    for folder in bin sbin lib; do
        ln -s usr/$folder "$root/$folder"
    done
    : >"$state/state/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(debian_mirror) $release main" >"$state/sources.list"
    private_apt "$state" "$architecture" update >"$state/log" 2>&1 &&
        (cd "$state/cache/archives" && private_apt "$state" "$architecture" $command "$@") >>"$state/log" 2>&1 ||
        { tail -5 "$state/log"; echo "could not fetch packages for $architecture" >&2; return 1; }
    local package
    for package in "$state"/cache/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink --no-same-owner -C "$root" || return 1
    done
    finish_userland "$root"
    rm -rf "$state"
    echo "$wanted" >"$stamp"
}

# What maintainer scripts would have done, as far as programs miss it.
finish_userland()
{
    local root=$1
    [ ! -e "$root/usr/share/base-passwd/passwd.master" ] || {
        cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
        cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
    }
    local name target
    while read -r name target; do
        [ ! -e "$root/usr/bin/$target" ] || [ -e "$root/usr/bin/$name" ] || ln -s "$target" "$root/usr/bin/$name"
    done <<<$'awk mawk\ncc gcc\nc++ g++\nsh dash'
    printf '127.0.0.1 localhost\n' >"$root/etc/hosts"
}
