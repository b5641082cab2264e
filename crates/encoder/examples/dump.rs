use std::io::{Read, Write};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let dir = &a[1];
    let t = std::time::Instant::now();
    let bytes = encoder::convert(
        &std::fs::read(format!("{dir}/model.safetensors")).unwrap(),
        &std::fs::read_to_string(format!("{dir}/vocab.txt")).unwrap(),
        "n",
    )
    .unwrap();
    eprintln!("convert {:?} {} bytes", t.elapsed(), bytes.len());
    std::fs::write(&a[2], &bytes).unwrap();
    let t = std::time::Instant::now();
    let e = encoder::Encoder::from_bytes(&bytes).unwrap();
    drop(bytes);
    eprintln!("load {:?}", t.elapsed());
    let mut s = String::new();
    std::io::stdin().read_to_string(&mut s).unwrap();
    let lines: Vec<&str> = s.lines().collect();
    let mut out = std::io::BufWriter::new(std::fs::File::create(&a[3]).unwrap());
    let mut times = Vec::new();
    for l in &lines {
        let t = std::time::Instant::now();
        let v = e.encode(l).unwrap();
        times.push(t.elapsed());
        for x in v {
            out.write_all(&x.to_le_bytes()).unwrap();
        }
    }
    times.sort();
    eprintln!(
        "n {} p50 {:?} p99 {:?} sum {:?}",
        times.len(),
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        times.iter().sum::<std::time::Duration>()
    );
    let st = std::fs::read_to_string("/proc/self/status").unwrap();
    eprintln!(
        "{}",
        st.lines()
            .filter(|l| l.starts_with("VmRSS") || l.starts_with("VmHWM"))
            .collect::<Vec<_>>()
            .join(" ")
    );
}
