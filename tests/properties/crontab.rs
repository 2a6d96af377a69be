//! Whatever root's crontab holds: a block that is put into it is there, and once removed, every byte is as before.

use landfall::host::crontab::block;

pub fn holds(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let lines = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let lines: Vec<String> = lines.split('\n').map(str::to_owned).collect();
    let crontab = parts.next();
    block::plans(crontab.unwrap_or_default());
    let Ok(with_block) = block::replace(crontab, "shop", &lines) else { return };
    let expected: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
    assert_eq!(block::lines(&with_block, "shop"), Ok(Some(expected)));
    assert!(block::plans(&with_block).contains(&"shop".to_owned()));
    assert_eq!(block::replace(Some(&with_block), "shop", &lines).as_deref(), Ok(with_block.as_slice()));
    let without = crontab.map_or(Ok(None), |crontab| block::remove(Some(crontab), "shop")).unwrap();
    assert_eq!(block::remove(Some(&with_block), "shop"), Ok(without));
}
