//! Additions to the core, one folder or file each.
