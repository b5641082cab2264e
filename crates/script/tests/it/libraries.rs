use serde_json::json;

use crate::value;

#[test]
fn lodash_works_with_new_and_old_names() {
    let source = "const _ = koreUtil._; return [_.get({a: [{b: 3}]}, 'a[0].b'), _.has({a: 1}, 'a'), \
                  _.isPlainObject({}), _.isString('x'), _.pluck([{n: 1}, {n: 2}], 'n'), _.contains([1, 2], 2), \
                  _.where([{a: 1, b: 2}, {a: 2}], {a: 1}).length, _.first([7, 8]), _.padLeft('5', 3, '0'), \
                  _([{n: 4}]).pluck('n').value()]";
    assert_eq!(
        value(source),
        json!([3, true, true, true, [1, 2], true, 1, 7, "005", [4]])
    );
}

#[test]
fn moment_counts_from_the_callers_time_and_knows_zones() {
    let source = "const m = koreUtil.moment; return [m().format('YYYY-MM-DD HH:mm'), \
                  m('2026-01-31').add(1, 'month').format('YYYY-MM-DD'), \
                  m.tz('2026-07-01 12:00', 'America/New_York').utc().format('HH:mm'), \
                  koreUtil.momenttz('2026-03-01T12:00:00Z').tz('Asia/Kolkata').format('HH:mm'), \
                  m('13/02/2026', 'DD/MM/YYYY', true).isValid(), m.duration(90, 'minutes').asHours()]";
    assert_eq!(
        value(source),
        json!([
            "2026-03-01 12:00",
            "2026-02-28",
            "16:00",
            "17:30",
            true,
            1.5
        ])
    );
}

#[test]
fn digests_are_the_known_ones() {
    let source = "const h = koreUtil.hash; return [h('sha256').update('a').update('bc').digest(), \
                  h('md5').update('abc').digest('hex'), h('SHA-1').update('abc').digest('base64')]";
    let known = json!([
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "900150983cd24fb0d6963f7d28e17f72",
        "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="
    ]);
    assert_eq!(value(source), known);
    let refused =
        value("try { koreUtil.hash('crc').update('').digest() } catch (e) { return e.message }");
    assert_eq!(refused, json!("unknown digest \"crc\""));
}

#[test]
fn every_library_has_its_notice() {
    let notices = script::notices();
    let names: Vec<&str> = notices.iter().map(|notice| notice.name).collect();
    assert_eq!(names, ["lodash", "moment", "moment-timezone"]);
    for notice in notices {
        let complete =
            notice.text.contains("Permission is hereby granted") && notice.version != "unknown";
        assert!(complete, "{}", notice.name);
    }
}
