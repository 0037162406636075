{#- Figures that are not clearly safe (dis_looked_at), held to the primary rules firm by firm: one row per quarter × kind × measure × region. -#}

with looked_at as (
    select
        due.kind,
        due.quarter,
        due.measure,
        due.region_code,
        due.not_named
    from {{ ref('dis_looked_at') }} as due
    where {{ in_quarters('due.quarter') }}
),

counties_looked_at as (
    select
        looked_at.kind,
        looked_at.quarter,
        looked_at.measure,
        looked_at.region_code,
        county.code as county_code
    from looked_at
    {{ join_division('looked_at.region_code', quarter_end('looked_at.quarter'), ['c', 'm', 'p', 'r']) }}
    inner join {{ ref('divisions') }} as county
        on county.level in ('c', 'r')
        and county.valid_from <= {{ quarter_end('looked_at.quarter') }}
        and (county.valid_to is null or {{ quarter_end('looked_at.quarter') }} <= county.valid_to)
        and (
            looked_at.region_code = county.code
            or (division.level = 'm' and looked_at.region_code = county.city_code and county.level = 'c')
            or division.level = 'p'
        )
    group by looked_at.kind, looked_at.quarter, looked_at.measure, looked_at.region_code, county.code
),

{# Whose contributions make a figure: those in force; against them the quarter before, or what the edition was made from. #}
made_of as (
    {%- set parts = [
        ['1', "''", 'looked_at.quarter', 'true'],
        ['-1', "''", quarter_plus('looked_at.quarter', -1), "looked_at.kind = 'quarter'"],
        ['-1', 'looked_at.kind', 'looked_at.quarter', "looked_at.kind not in ('to_date', 'quarter')"],
    ] %}
    {%- for sign, edition, quarter, condition in parts %}
    select
        looked_at.kind,
        looked_at.quarter,
        looked_at.measure,
        looked_at.region_code,
        looked_at.county_code,
        {{ edition }} as of_edition,
        {{ quarter }} as of_quarter,
        {{ sign }} as sign
    from counties_looked_at as looked_at
    where {{ condition }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

{# The counties whose rows are read, once for all that they are needed for. #}
wanted as (
    select distinct
        made_of.of_edition,
        made_of.of_quarter,
        made_of.measure,
        made_of.county_code
    from made_of
),

involved as (
    select
        contribution.edition,
        contribution.quarter,
        contribution.measure,
        contribution.region_code,
        contribution.contributor,
        sum(contribution.amount) as amount
    from {{ ref('dis_contributions') }} as contribution
    inner join wanted
        on
            contribution.edition = wanted.of_edition
            and contribution.quarter = wanted.of_quarter
            and contribution.measure = wanted.measure
            and contribution.region_code = wanted.county_code
    where {{ in_quarters_before('contribution.quarter', [0, 1]) }}
    group by contribution.edition, contribution.quarter, contribution.measure, contribution.region_code, contribution.contributor
),

contributions as (
    select
        made_of.kind,
        made_of.quarter,
        made_of.measure,
        made_of.region_code,
        involved.contributor,
        made_of.sign * involved.amount as amount
    from made_of
    inner join involved
        on
            made_of.of_edition = involved.edition
            and made_of.of_quarter = involved.quarter
            and made_of.measure = involved.measure
            and made_of.county_code = involved.region_code
),

others as (
    select
        looked_at.kind,
        looked_at.quarter,
        looked_at.measure,
        looked_at.region_code,
        looked_at.not_named as amount
    from looked_at
)

select unsafe.*
from (
{{ unsafe_cells('contributions', ['kind', 'quarter', 'measure', 'region_code'], 'quarter', others='others') }}
) as unsafe
