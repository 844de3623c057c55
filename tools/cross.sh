#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds for other machines with Debian's cross compilers, runs unit tests and golden cases there under
# qemu, and compares what is written there with what is written here, byte by byte. Debian's libraries of those
# machines are fetched into .cache/cross, not installed.
# A machine that fails does not keep the others from being tried; the exit status tells.
# usage: tools/cross.sh [s390x|arm64|ppc64el]...    s390x, which is big-endian, and arm64 where none is named
set -eu
cd "$(dirname "$0")/.."
here=$PWD
[ $# -gt 0 ] || set -- s390x arm64

describe() { # ARCH: sets triple, qemu, family, endian
  case $1 in
  s390x) triple=s390x-linux-gnu qemu=qemu-s390x family=s390x endian=big ;;
  arm64) triple=aarch64-linux-gnu qemu=qemu-aarch64 family=aarch64 endian=little ;;
  ppc64el) triple=powerpc64le-linux-gnu qemu=qemu-ppc64le family=ppc64 endian=little ;;
  *)
    echo "cross.sh: unknown machine $1; s390x, arm64 and ppc64el are known" >&2
    exit 2
    ;;
  esac
}

# Debian's packages of the machine, unpacked into one folder.
fetch() { # ARCH FOLDER
  [ ! -f "$2/whole" ] || return 0
  echo "fetching Debian's libraries for $1 into $2"
  rm -rf "$2"
  mkdir -p "$2/lists/partial" "$2/cache/archives/partial" "$2/root"
  : >"$2/status"
  set -- "$1" "$2" -q -o "APT::Architecture=$1" -o "APT::Architectures=$1" -o "Dir::State::lists=$2/lists" \
    -o "Dir::State::status=$2/status" -o "Dir::Cache=$2/cache" -o Debug::NoLocking=1 -o APT::Sandbox::User=root
  arch=$1 folder=$2
  shift 2
  # A mirror's index may be out of step for days; the libraries are those of the other suites then, or install fails.
  apt-get "$@" update >"$folder/log" 2>&1 || echo "$arch: some of Debian's indexes could not be had, see $folder/log"
  # shellcheck disable=SC2046
  apt-get "$@" install -y --no-install-recommends --download-only \
    $(awk '$1 == "build" && $2 ~ /-dev$/ {print $2}' tools/packages.txt) >>"$folder/log"
  for package in "$folder"/cache/archives/*.deb; do dpkg-deb -x "$package" "$folder/root"; done
  # Links that are absolute, such as ppc64el's loader, would lead out of the root.
  find "$folder/root" -type l -lname '/*' | while read -r link; do
    ln -sfn "$folder/root$(readlink "$link")" "$link"
  done
  rm -rf "$folder/cache" "$folder/lists"
  echo "$arch" >"$folder/whole"
}

cross_file() { # FOLDER
  cat <<END
[binaries]
c = '$triple-gcc'
ar = '$triple-ar'
strip = '$triple-strip'
nm = '$triple-nm'
pkgconfig = 'pkg-config'
exe_wrapper = ['$qemu', '-L', '$1/root']
[properties]
needs_exe_wrapper = true
program_wrapper = '$qemu -L $1/root'
sys_root = '$1/root'
pkg_config_libdir = ['$1/root/usr/lib/$triple/pkgconfig', '$1/root/usr/share/pkgconfig']
[built-in options]
c_args = ['--sysroot=$1/root']
c_link_args = ['--sysroot=$1/root']
[host_machine]
system = 'linux'
cpu_family = '$family'
cpu = '$family'
endian = '$endian'
END
}

# The files that the program writes, made up and summarised.
write_all() { # PROGRAM FOLDER
  rm -rf "$2"
  mkdir -p "$2"
  "$1" generate 20k --to "$2/csv" --churn 0.1 --quiet
  "$1" generate small --to "$2/gz" --format csv.gz --hours 48 --quiet
  "$1" generate small --to "$2/parquet" --format parquet --hours 48 --quiet
  "$1" convert "$2/csv" --to "$2/converted" --quiet
  "$1" convert examples/cluster --to "$2/example" --codec snappy --quiet
  "$1" convert examples/cluster --to "$2/gzip" --codec gzip --quiet # LZ4_RAW differs: docs/convert.md
  "$1" aggregate "$2/converted" --to "$2/summary.parquet" --to "$2/summary.csv" --enabled-keys app,tier --quiet
  "$1" aggregate "$2/csv" --to "$2/spilled.parquet" --memory 32MiB --threads 3 --quiet
  "$1" aggregate examples/cluster --to "$2/dataset/" --quiet
  rm -rf "$2"/dataset/.shukei* "$2"/dataset/_*
}

failed=
[ -f build/build.ninja ] || meson setup build >/dev/null
ninja -C build src/cli/shukei >/dev/null
write_all build/src/cli/shukei .cache/cross/here
for arch; do
  describe "$arch"
  folder=$here/.cache/cross/$arch
  fetch "$arch" "$folder"
  cross_file "$folder" >"$folder/cross.ini"
  [ -f "build-$arch/build.ninja" ] || meson setup "build-$arch" --cross-file "$folder/cross.ini" >/dev/null
  ninja -C "build-$arch" >/dev/null
  echo "$arch: unit tests and golden cases under $qemu"
  SHUKEI_RANDOM_CASES=${SHUKEI_RANDOM_CASES:-8} meson test -C "build-$arch" --no-rebuild --print-errorlogs \
    --timeout-multiplier 10 --suite unit --suite golden || failed="$failed $arch"
  write_all "build-$arch/tests/shukei" ".cache/cross/there-$arch"
  if diff -r .cache/cross/here ".cache/cross/there-$arch"; then
    echo "$arch: $(find .cache/cross/here -type f | wc -l) files, the same bytes as here"
  else
    failed="$failed $arch"
  fi
done
[ -z "$failed" ] || {
  echo "cross.sh: failed on:$failed" >&2
  exit 1
}
