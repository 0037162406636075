{#- Every cell that firms contribute to, held to the primary rules: one row per quarter × kind × measure × region. `to_date` is the figure
    that is published; `quarter` is what two published figures of one year differ by, which nobody publishes and everybody can compute. -#}

with amounts as (
    select
        'to_date' as kind,
        own.quarter,
        own.measure,
        own.region_code,
        own.contributor,
        own.amount
    from {{ ref('dis_contributors') }} as own
    where {{ in_quarters('own.quarter') }}
    union all
    select
        'quarter' as kind,
        moved.quarter,
        moved.measure,
        moved.region_code,
        moved.contributor,
        sum(moved.amount) as amount
    from (
        select
            own.quarter,
            own.measure,
            own.region_code,
            own.contributor,
            own.amount
        from {{ ref('dis_contributors') }} as own
        where {{ in_quarters('own.quarter') }}
        union all
        select
            {{ quarter_plus('earlier.quarter', 1) }} as quarter,
            earlier.measure,
            earlier.region_code,
            earlier.contributor,
            -earlier.amount as amount
        from {{ ref('dis_contributors') }} as earlier
        where {{ in_quarters(quarter_plus('earlier.quarter', 1)) }}
    ) as moved
    inner join {{ ref('indicators') }} as catalogue
        on split_part(moved.measure, '.', 1) = catalogue.code and catalogue.kind = 'flow_ytd'
    where {{ quarter_number('moved.quarter') }} > 1
    group by moved.quarter, moved.measure, moved.region_code, moved.contributor
    having sum(moved.amount) <> 0
),

regions as (
    select
        amounts.kind,
        amounts.quarter,
        amounts.measure,
        amounts.region_code,
        amounts.contributor,
        amounts.amount,
        division.level,
        division.city_code,
        province.code as province_code
    from amounts
    {{ join_division('amounts.region_code', quarter_end('amounts.quarter'), ['c', 'r']) }}
    inner join {{ ref('divisions') }} as province on province.level = 'p'
),

at_all_levels as (
    {%- for code, condition in [('region_code', 'true'), ('city_code', "regions.level = 'c'"), ('province_code', 'true')] %}
    select
        regions.kind,
        regions.quarter,
        regions.measure,
        regions.{{ code }} as region_code,
        regions.contributor,
        regions.amount
    from regions
    where {{ condition }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

{{ primary_rules('at_all_levels') }}
