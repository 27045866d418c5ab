-- SPDX-License-Identifier: GPL-3.0-or-later
-- Somebody got hold of the update service, but not of the maker's signing key. He offers the fleet one bad update after another: does a device install anything but what the maker signed?
-- EN 303 645, 5.3-9 (authenticity and integrity of updates, checked by the device) and 5.3-10 (over a network: by a trust relationship).
--
-- What it teaches: the channel was encrypted and authenticated all the time, and that did not help, because the far end of it was in the wrong hands. What counts is what the device checks: the
-- signature of the manifest, then model and version (an old version is genuine, and full of holes that are known by now), then length and digest of the image. And a power cut at any moment of it must
-- leave a device that runs: the old version until the new one is whole. A device that checks nothing (--set verifies=no) fails every line but the ones on power.

scenario {
    title = "A stolen update service",
    provision = "5.3-9",
    units = { "5.3-9-2 a", "5.3-10-2 a" },
}
