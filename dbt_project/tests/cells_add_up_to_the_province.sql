-- Fails where the cities of an added-up measure and what belongs to no city are not the province, to the last fen.
with levels as (
    select
        cell.quarter,
        cell.indicator,
        cell.role,
        sum(case when region.level in ('m', 'r') then cell.amount else 0 end) as parts,
        sum(case when region.level = 'p' then cell.amount else 0 end) as province
    from {{ ref('int_cells') }} as cell
    inner join {{ ref('indicators') }} as catalogue on cell.indicator = catalogue.code
    {{ join_division('cell.region_code', quarter_end('cell.quarter'), ['m', 'p', 'r'], 'region') }}
    where catalogue.regions = 'added_up' and {{ in_quarters('cell.quarter') }}
    group by cell.quarter, cell.indicator, cell.role
)

select
    levels.quarter,
    levels.indicator,
    levels.role,
    levels.parts,
    levels.province
from levels
where levels.parts <> levels.province
