# SPDX-License-Identifier: Apache-2.0
# install_missing GROUP...: installs the packages of these groups of debian-packages.txt that this machine lacks, with apt, after
# saying which. Uses sudo only when something is missing and we are not root. Sourced by quickstart and test.
install_missing() {
  missing=""
  for group in "$@"; do
    for package in $(sed -n "s/^\([a-z0-9.+-]*\)  *$group  *.*/\1/p" "$root/cmake/debian-packages.txt"); do
      state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
      [ "$state" = installed ] || has_equivalent "$package" || missing="$missing $package"
    done
  done
  [ -n "$missing" ] || return 0
  echo "installing with apt:$missing"
  as_root=""
  [ "$(id -u)" -eq 0 ] || as_root="sudo"
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >/dev/null
  # shellcheck disable=SC2086  # one word per package
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null
}

# A program that came another way than from Debian is as good.
has_equivalent() {
  case $1 in
    nodejs) command -v node >/dev/null ;;
    npm | git | curl | python3) command -v "$1" >/dev/null ;;
    *) return 1 ;;
  esac
}
