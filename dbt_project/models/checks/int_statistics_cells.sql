{#- The regional sheets' amounts one below the other: one row per quarter × sheet × measure × region with a value. Read by the other
    checks of statistics; `step` is the coarsest power of ten in which every value of the measure in that delivery is a whole number,
    that is the last printed digit. -#}
{{ config(meta={'rows_of': 'all'}) }}

with cells as (
    {%- for model, sheet, column in statistics_amounts() %}
    select
        sheet.quarter,
        '{{ sheet }}' as sheet,
        '{{ column }}' as measure,
        sheet.region_code,
        cast(sheet.{{ column }} as decimal(28, 6)) as amount,
        sheet.delivery_id
    from {{ ref(model) }} as sheet
    where sheet.{{ column }} is not null and {{ in_quarters('sheet.quarter') }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

steps as (
    select
        cells.quarter,
        cells.measure,
        case
            {%- for power in range(8, -6, -1) %}
            {%- set step = '1' ~ '0' * power if power >= 0 else '0.' ~ '0' * (-power - 1) ~ '1' %}
            when max(cells.amount % {{ step }}) = 0 then cast({{ step }} as decimal(28, 6))
            {%- endfor %}
            else cast(0.000001 as decimal(28, 6))
        end as step
    from cells
    group by cells.quarter, cells.measure
)

select
    cells.quarter,
    cells.sheet,
    cells.measure,
    cells.region_code,
    region.level,
    region.city_code,
    cells.amount,
    steps.step,
    cells.delivery_id
from cells
inner join steps on cells.quarter = steps.quarter and cells.measure = steps.measure
{{ join_division('cells.region_code', quarter_end('cells.quarter'), ['c', 'm', 'p', 'r'], 'region') }}
order by cells.quarter, cells.measure, cells.region_code
