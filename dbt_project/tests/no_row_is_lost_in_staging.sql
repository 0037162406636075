-- Fails with the deliveries whose landed rows are not kept or quarantined to the last one.
select
    counts.quarter,
    counts.source_table,
    counts.rows_landed,
    counts.rows_kept,
    counts.rows_quarantined
from {{ ref('stg_row_counts') }} as counts
where counts.rows_landed <> counts.rows_kept + counts.rows_quarantined
