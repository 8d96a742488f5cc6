#Requires -Version 7.6
<#
    Builds, tests and packs CiliumLab: ./build.sh [TASK...], with the tasks Build (default), Test, Demo, Bench, Pack and Clean.

    Only the language and .NET are used here, none of the cmdlets of the Utility and Management modules, so that this
    script also runs in tools/CiliumLab.Host on machines without PowerShell.
#>
param(
    [Parameter(Position = 0, ValueFromRemainingArguments)]
    [string[]] $Task = 'Build'
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false

$root = $PSScriptRoot
$out = [IO.Path]::Combine($root, 'out')
$module = [IO.Path]::Combine($out, 'CiliumLab')
$results = [IO.Path]::Combine($out, 'test-results')
$built = $false

function Stop-Build([string] $Reason) {
    [Console]::Error.WriteLine($Reason)
    exit 1
}

# What the tool writes is shown; a tool that fails ends the build.
function Invoke-Tool([string] $Name, [string[]] $Arguments) {
    & $Name @Arguments
    if ($LASTEXITCODE -ne 0) {
        Stop-Build "'$Name $Arguments' ended with exit code $LASTEXITCODE."
    }
}

function Invoke-Build {
    if ($script:built) { return }
    $script:built = $true
    # Analyzers and formatting are part of the build; any warning of any tool in it is an error, except what
    # an advisory database may say about a package tomorrow.
    Invoke-Tool dotnet @(
        'build', [IO.Path]::Combine($root, 'CiliumLab.sln'), '-c', 'Release', '-nologo', '-v', 'minimal',
        '-warnaserror', '-warnnotaserror:NU1900,NU1901,NU1902,NU1903,NU1904')
    "The module is in $module."
}

function Invoke-Pack {
    Invoke-Build
    $manifest = [Management.Automation.Language.Parser]::ParseFile(
        [IO.Path]::Combine($module, 'CiliumLab.psd1'), [ref] $null, [ref] $null)
    $version = $manifest.Find({ $args[0] -is [Management.Automation.Language.HashtableAst] }, $false).SafeGetValue().ModuleVersion
    $package = [IO.Path]::Combine($out, "CiliumLab.$version.zip")
    [IO.File]::Delete($package)
    $null = [Reflection.Assembly]::Load('System.IO.Compression.ZipFile')
    [IO.Compression.ZipFile]::CreateFromDirectory($module, $package, 'Optimal', $true)
    "The package is $package."
}

function Invoke-Bench {
    $project = [IO.Path]::Combine($root, 'bench', 'CiliumLab.Benchmarks')
    if (-not [IO.Directory]::Exists($project)) {
        Stop-Build "There are no benchmarks at $project."
    }
    Invoke-Build
    Invoke-Tool dotnet @('run', '-c', 'Release', '--no-build', '--project', $project)
}

# The lab's whole story in a simulated lab that is gone afterwards.
function Invoke-Demo {
    Invoke-Build
    Import-Module $module
    $lab = "demo-$PID"
    $null = New-LabCluster $lab -Provider Simulator -Speed 5
    try {
        & ([IO.Path]::Combine($root, 'runbooks', 'Week1.ps1')) -Lab $lab
        $code = $LASTEXITCODE
    }
    finally {
        Remove-LabCluster $lab -Confirm:$false
    }
    if ($code -ne 0) { exit $code }
}

function Invoke-Clean {
    $running = [AppContext]::BaseDirectory.TrimEnd([IO.Path]::DirectorySeparatorChar)
    $folders = @(
        if ([IO.Directory]::Exists($out)) { [IO.Directory]::GetDirectories($out) }
        foreach ($part in 'src', 'tests', 'tools', 'bench') {
            $path = [IO.Path]::Combine($root, $part)
            if (-not [IO.Directory]::Exists($path)) { continue }
            foreach ($project in [IO.Directory]::GetDirectories($path)) {
                foreach ($made in 'bin', 'obj') { [IO.Path]::Combine($project, $made) }
            }
        }
    )
    foreach ($folder in $folders) {
        # The host that runs this script stays: it could not delete itself everywhere.
        if ([IO.Directory]::Exists($folder) -and $folder -ne $running) {
            [IO.Directory]::Delete($folder, $true)
        }
    }
    if ([IO.Directory]::Exists($out)) {
        foreach ($file in [IO.Directory]::GetFiles($out)) { [IO.File]::Delete($file) }
    }
    'Everything that the build made is gone.'
}

# The counts of all runners; a runner that breaks down is one failure.
$count = @{ Passed = 0; Failed = 0; Skipped = 0 }
$skips = [Collections.Generic.List[string]]::new()

function Install-TestPart {
    $installer = [IO.Path]::Combine($root, 'tests', 'NodeLab', 'install.sh')
    if ([IO.File]::Exists('/etc/debian_version') -and [Environment]::IsPrivilegedProcess -and [IO.File]::Exists($installer)) {
        Invoke-Tool bash @($installer)
    }
}

function Invoke-UnitTest {
    $report = [IO.Path]::Combine($results, 'xunit.xml')
    $tests = [IO.Path]::Combine($root, 'tests', 'CiliumLab.Tests', 'bin', 'Release', 'net10.0', 'CiliumLab.Tests.dll')
    & dotnet exec $tests -noLogo -noColor -result-xml $report
    $code = $LASTEXITCODE
    if (-not [IO.File]::Exists($report)) {
        "The tests ended with exit code $code and left no report."
        $count.Failed++
        return
    }

    $failed = 0
    $xml = [xml] [IO.File]::ReadAllText($report)
    foreach ($assembly in $xml.SelectNodes('/assemblies/assembly')) {
        $count.Passed += [int] $assembly.GetAttribute('passed')
        $count.Skipped += [int] $assembly.GetAttribute('skipped')
        $failed += [int] $assembly.GetAttribute('failed') + [int] $assembly.GetAttribute('errors')
    }
    foreach ($test in $xml.SelectNodes('//test[@result="Skip"]')) {
        $skips.Add("$($test.GetAttribute('name')): $($test.SelectSingleNode('reason').InnerText)")
    }
    if ($code -ne 0 -and $failed -eq 0) {
        "The tests ended with exit code $code although no test failed."
        $failed = 1
    }
    $count.Failed += $failed
}

function Invoke-PesterTest {
    $pwsh = $ExecutionContext.InvokeCommand.GetCommand('pwsh', 'Application')
    if ($null -eq $pwsh) {
        $skips.Add('tests/Pester: there is no pwsh on this machine')
        $count.Skipped++
        return
    }
    $report = [IO.Path]::Combine($results, 'pester.json')
    & $pwsh -NoProfile -NonInteractive -File ([IO.Path]::Combine($root, 'tests', 'Pester', 'Run.ps1')) -Report $report
    $code = $LASTEXITCODE
    if (-not [IO.File]::Exists($report)) {
        "Pester ended with exit code $code and left no report."
        $count.Failed++
        return
    }
    $json = [Text.Json.JsonDocument]::Parse([IO.File]::ReadAllText($report)).RootElement
    foreach ($kind in 'Passed', 'Failed', 'Skipped') {
        $count[$kind] += $json.GetProperty($kind).GetInt32()
    }
    foreach ($skip in $json.GetProperty('Skips').EnumerateArray()) {
        $skips.Add($skip.GetString())
    }
}

function Invoke-Test {
    Install-TestPart
    Invoke-Build
    if ([IO.Directory]::Exists($results)) { [IO.Directory]::Delete($results, $true) }
    $null = [IO.Directory]::CreateDirectory($results)
    Invoke-UnitTest
    Invoke-PesterTest
    if ($skips.Count -gt 0) {
        ''
        'Skipped:'
        foreach ($skip in $skips) { "  $skip" }
        ''
    }
    "$($count.Passed) passed, $($count.Failed) failed, $($count.Skipped) skipped"
    if ($count.Failed -gt 0) { exit 1 }
}

$known = 'Build', 'Test', 'Demo', 'Bench', 'Pack', 'Clean'
$chosen = @(foreach ($name in $Task) { $name.Split(',', [StringSplitOptions] 'TrimEntries, RemoveEmptyEntries') })
foreach ($name in $chosen) {
    if ($name -notin $known) {
        Stop-Build "There is no task '$name'. The tasks are $($known -join ', ')."
    }
}
foreach ($name in $chosen) {
    & "Invoke-$name"
}
