<#
    Runs the Pester tests and writes their counts to a JSON file. Without Pester 5 they count as one skipped test, with the reason.
#>
param([Parameter(Mandatory)] [string] $Report)

$ErrorActionPreference = 'Stop'
$pester = Get-Module -ListAvailable Pester | Where-Object Version -GE '5.0' | Sort-Object Version -Descending | Select-Object -First 1
if ($PSVersionTable.PSVersion -lt [semver] '7.6.0') {
    $counts = @{ Passed = 0; Failed = 0; Skipped = 1; Skips = @("tests/Pester: pwsh is $($PSVersionTable.PSVersion), the module needs 7.6") }
}
elseif (-not $pester) {
    $counts = @{ Passed = 0; Failed = 0; Skipped = 1; Skips = @('tests/Pester: Pester 5 is not installed (Install-PSResource Pester)') }
}
else {
    if ([Console]::IsOutputRedirected) { $env:NO_COLOR = '1' }
    Import-Module $pester
    $run = Invoke-Pester -Path $PSScriptRoot -PassThru -Output Normal
    $counts = @{
        Passed  = $run.PassedCount
        # A file or a block that breaks down outside of its tests is a failure too.
        Failed  = $run.FailedCount + $run.FailedContainersCount + $run.FailedBlocksCount
        Skipped = $run.SkippedCount + $run.NotRunCount
        Skips   = @($run.Tests | Where-Object Result -In 'Skipped', 'NotRun' | ForEach-Object { "$($_.ExpandedPath): skipped by its file" })
    }
}
[IO.File]::WriteAllText($Report, ($counts | ConvertTo-Json))
if ($counts.Failed -gt 0) { exit 1 }
