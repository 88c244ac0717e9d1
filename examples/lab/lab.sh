#!/bin/sh
# Two switches' Linux side on one machine: `lab.sh up` makes it, `lab.sh down` takes it away. As root, with iproute2.
#
#   mlag-leaf-1                                   mlag-leaf-2
#   peerlink 10.1.0.3/24 ────── veth ────── peerlink 10.1.0.4/24
#   vlan10   10.10.0.1/16 (a bridge)        vlan10   10.10.0.2/16 (a bridge)
set -eu

down() {
    for leaf in 1 2; do ip netns del "mlag-leaf-$leaf" 2>/dev/null || true; done
}

leaf() { # number, channel address, address in VLAN 10
    ip -n "mlag-leaf-$1" link set lo up
    ip -n "mlag-leaf-$1" addr add "$2" dev peerlink
    ip -n "mlag-leaf-$1" link set peerlink up
    ip -n "mlag-leaf-$1" link add vlan10 type bridge
    ip -n "mlag-leaf-$1" addr add "$3" dev vlan10
    ip -n "mlag-leaf-$1" link set vlan10 up
}

case "${1:-}" in
up)
    ip netns add mlag-leaf-1
    # Whatever fails from here on leaves nothing behind.
    trap 'status=$?; [ $status -eq 0 ] || down; exit $status' EXIT
    ip netns add mlag-leaf-2
    ip link add peerlink netns mlag-leaf-1 type veth peer name peerlink netns mlag-leaf-2
    leaf 1 10.1.0.3/24 10.10.0.1/16
    leaf 2 10.1.0.4/24 10.10.0.2/16
    ;;
down) down ;;
*)
    echo "usage: $0 up|down" >&2
    exit 2
    ;;
esac
