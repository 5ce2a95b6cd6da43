//! Data goes out and comes in again.

use assembly_graph::{
    export::{Export, Format, Options, Out, Wrong},
    import::{self, File, keys::Table},
};

use crate::world::{World, now, on_each_store};

/// An export as one text, and the size of its largest piece.
async fn pieces(world: &World, format: Format, options: &Options) -> (String, usize) {
    let export = Export::begin(&world.database, options.clone()).await.unwrap();
    let (mut out, mut pieces) = Out::new();
    let writing = async {
        export.write(format, &mut out).await.unwrap();
        drop(out);
    };
    let reading = async {
        let (mut bytes, mut largest) = (Vec::new(), 0);
        while let Some(piece) = pieces.recv().await {
            largest = largest.max(piece.len());
            bytes.extend(piece);
        }
        (bytes, largest)
    };
    let ((), (bytes, largest)) = tokio::join!(writing, reading);
    (String::from_utf8(bytes).unwrap(), largest)
}

async fn text(world: &World, format: Format) -> String {
    pieces(world, format, &Options::default()).await.0
}

/// All tables as CSV, in files of their names.
async fn tables(world: &World) -> Vec<File> {
    let mut files = Vec::new();
    for table in Table::all() {
        let name = format!("{}.csv", table.name()).into();
        files.push(File { name, text: text(world, Format::Csv(table)).await });
    }
    files
}

async fn lines(world: &World) -> Vec<File> {
    vec![File { name: "all.jsonl".into(), text: text(world, Format::Jsonl).await }]
}

/// The first difference between two worlds, if there is one.
async fn difference(one: &World, other: &World) -> Option<String> {
    let (one, other) = (one.fingerprint().await, other.fingerprint().await);
    for (one, other) in one.iter().zip(&other) {
        let (mut lines, mut others) = (one.lines(), other.lines());
        loop {
            match (lines.next(), others.next()) {
                (None, None) => break,
                (one, other) if one == other => {}
                (one, other) => return Some(format!("{one:?}\n{other:?}")),
            }
        }
    }
    None
}

#[tokio::test]
async fn the_shipped_data_comes_back_the_same_from_jsonl() {
    on_each_store(async |store| {
        let world = World::shipped(store).await;
        let again = World::empty(store).await;
        import::import(&again.database, &lines(&world).await, now()).await.unwrap();
        assert_eq!(difference(&world, &again).await, None);
        world.end().await;
        again.end().await;
    })
    .await;
}

#[tokio::test]
async fn the_shipped_data_comes_back_the_same_from_csv() {
    on_each_store(async |store| {
        let world = World::shipped(store).await;
        let again = World::empty(store).await;
        import::import(&again.database, &tables(&world).await, now()).await.unwrap();
        assert_eq!(difference(&world, &again).await, None);
        world.end().await;
        again.end().await;
    })
    .await;
}

#[tokio::test]
async fn the_made_up_world_comes_back_the_same() {
    on_each_store(async |store| {
        let world = World::sample(store).await;
        for files in [lines(&world).await, tables(&world).await] {
            let again = World::empty(store).await;
            let then = chrono::DateTime::UNIX_EPOCH;
            import::import(&again.database, &files, then).await.unwrap();
            assert_eq!(difference(&world, &again).await, None);
            again.end().await;
        }
        world.end().await;
    })
    .await;
}
