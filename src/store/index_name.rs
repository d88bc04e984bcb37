//! The names that the reference gives to indexes (`@better-auth/core` `db/database-index`).

/// The longest name, in bytes.
const MAX: usize = 63;

/// The name of the index over `columns` of `table`, all as the database knows them.
pub(super) fn index_name(table: &str, columns: &[&str], unique: bool) -> String {
    let kind = if unique { "uidx" } else { "idx" };
    let stem = format!("{table}_{}", columns.join("_"));
    let name = format!("{stem}_{kind}");
    if name.len() <= MAX {
        return name;
    }
    let suffix = format!("_{:08x}_{kind}", fnv1a(&name));
    let mut end = (MAX - suffix.len()).min(stem.len());
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{suffix}", &stem[..end])
}

/// FNV-1a of 32 bits, fed with UTF-16 units as JavaScript strings are.
fn fnv1a(text: &str) -> u32 {
    text.encode_utf16().fold(0x811c_9dc5, |hash, unit| (hash ^ u32::from(unit)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_reference() {
        assert_eq!(index_name("session", &["userId"], false), "session_userId_idx");
        assert_eq!(index_name("deviceCode", &["deviceCode"], true), "deviceCode_deviceCode_uidx");
        let long = "averyveryveryveryveryveryverylongfieldnamethatgoesonandonandonforever";
        assert_eq!(
            index_name("user", &[long], false),
            "user_averyveryveryveryveryveryverylongfieldnametha_e2c0db50_idx"
        );
        assert!(index_name("user", &["🦀".repeat(40).as_str()], true).len() <= MAX);
    }
}
