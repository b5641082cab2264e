//! Writes the texts that the targets begin with: `seeds FOLDER`.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).expect("usage: seeds FOLDER");
    let claims = [
        r#"{"sub":"ann","exp":1764000000.5,"a":{"b":[1,-2,true,null,"\u00fc"]}}"#.to_owned(),
        r#"{"alg":"RSA-OAEP","enc":"A256GCM","kid":"k","epk":{"kty":"EC","crv":"P-256","x":"","y":""}}"#.to_owned(),
    ];
    for (target, texts) in [
        ("jws", fuzz::TOKENS.clone()),
        ("jwe_compact", fuzz::sealed(false)),
        ("jwe_json", fuzz::sealed(true)),
        ("keys", fuzz::keys()),
        ("claims", claims.into()),
    ] {
        let folder = Path::new(&folder).join(target);
        std::fs::create_dir_all(&folder)?;
        for (at, text) in texts.iter().enumerate() {
            std::fs::write(folder.join(format!("first-{at}")), text)?;
        }
    }
    Ok(())
}
