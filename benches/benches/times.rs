//! The times of every row, by criterion: `cargo bench -p kernia-benches`.

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use kernia_benches::rows::ROWS;

fn times(criterion: &mut Criterion) {
    for row in ROWS {
        let mut work = row.prepare();
        criterion.bench_function(row.name, |bencher| bencher.iter(&mut work));
    }
}

criterion_group! {
    name = rows;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = times
}
criterion_main!(rows);
