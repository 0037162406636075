{#- Coverage of the regional sheets: one row per quarter × sheet × region in force, observed the number of rows kept for it. -#}

with sheets as (
    {%- for sheet in ['industry', 'investment', 'gdp', 'research'] %}
    select
        sheet.quarter,
        '{{ sheet }}' as sheet,
        sheet.region_code,
        sheet.delivery_id
    from {{ ref('stg_statistics__' ~ sheet) }} as sheet
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

due as (
    select
        quarters.quarter,
        sheet.name as sheet,
        region.code as region_code
    from (select distinct sheets.quarter from sheets) as quarters
    cross join (values ('industry', '1234'), ('investment', '1234'), ('gdp', '1234'), ('research', '3')) as sheet (name, due_in)
    {{ join_regions('quarters.quarter', ['c', 'm', 'p', 'r']) }}
    where sheet.due_in like '%' || substr(quarters.quarter, 6, 1) || '%'
),

rows_of_check as (
    select
        due.quarter,
        'region_present' as check_name,
        due.region_code,
        due.sheet as indicator,
        max(sheets.delivery_id) as delivery_id,
        count(sheets.region_code) as observed,
        1 as lower,
        1 as upper
    from due
    left join sheets
        on due.quarter = sheets.quarter
        and due.sheet = sheets.sheet
        and due.region_code = sheets.region_code
    group by due.quarter, due.region_code, due.sheet
)

{{ check_table('rows_of_check') }}
