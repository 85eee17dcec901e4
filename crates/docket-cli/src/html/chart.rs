//! Charts as SVG inside a page: nothing is loaded from anywhere.

use plotters::prelude::*;

use crate::errors::CliError;

/// Most bars of a chart; a table beside it has the rest.
pub(crate) const MOST: usize = 20;
const WIDTH: u32 = 900;
const BAR: u32 = 26;

/// Horizontal bars, one for each label, in the order given; `scale` turns a value into what people read.
pub(crate) fn bars(rows: &[(String, i64)], scale: impl Fn(i64) -> String) -> Result<String, CliError> {
    let rows = rows.get(..rows.len().min(MOST)).unwrap_or_default();
    let most = rows.iter().map(|(_, value)| *value).max().unwrap_or(1).max(1);
    let height = BAR * rows.len() as u32 + 40;
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        draw(&area, rows, most, &scale).map_err(|bad| CliError::environment(format!("can't draw a chart: {bad}")))?;
    }
    Ok(svg)
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

fn draw(
    area: &Area<'_>,
    rows: &[(String, i64)],
    most: i64,
    scale: &impl Fn(i64) -> String,
) -> Result<(), Box<dyn std::error::Error>> {
    let count = rows.len() as i32;
    let mut chart = ChartBuilder::on(area)
        .margin(6)
        .set_label_area_size(LabelAreaPosition::Left, 190)
        .set_label_area_size(LabelAreaPosition::Bottom, 24)
        .build_cartesian_2d(0_i64..most.saturating_mul(11) / 10 + 1, (0..count.max(1)).into_segmented())?;
    let label = |place: &SegmentValue<i32>| match place {
        SegmentValue::CenterOf(index) => {
            let row = usize::try_from(count - 1 - index).ok().and_then(|index| rows.get(index));
            row.map(|(label, _)| label.chars().take(24).collect()).unwrap_or_default()
        }
        _ => String::new(),
    };
    chart
        .configure_mesh()
        .disable_y_mesh()
        .x_labels(6)
        .y_labels(rows.len().max(1))
        .x_label_formatter(&|value| scale(*value))
        .y_label_formatter(&label)
        .light_line_style(TRANSPARENT)
        .bold_line_style(RGBColor(222, 228, 234))
        .label_style(("sans-serif", 13))
        .draw()?;
    chart.draw_series(rows.iter().enumerate().map(|(index, (_, value))| {
        let place = count - 1 - index as i32;
        let mut bar = Rectangle::new(
            [(0, SegmentValue::Exact(place)), (*value, SegmentValue::Exact(place + 1))],
            RGBColor(11, 83, 148).filled(),
        );
        bar.set_margin(4, 4, 0, 0);
        bar
    }))?;
    area.present()?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]
mod tests {
    use super::*;

    #[test]
    fn every_bar_is_drawn_and_labels_are_escaped() {
        let rows = [("O-1 <script>".to_owned(), 930), ("O-2".to_owned(), 410)];
        let svg = bars(&rows, |value| format!("{}.{}", value / 10, value % 10)).unwrap();
        assert!(svg.starts_with("<svg"), "{svg}");
        assert!(svg.contains("&lt;script&gt;") && !svg.contains("<script"), "{svg}");
        assert_eq!(svg.matches("#0B5394").count(), 2, "{svg}");
    }
}
