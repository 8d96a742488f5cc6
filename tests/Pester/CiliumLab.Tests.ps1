BeforeDiscovery {
    $manifest = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'CiliumLab', 'CiliumLab.psd1')
    $commands = (Import-PowerShellDataFile $manifest).CmdletsToExport
}

BeforeAll {
    $manifest = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'CiliumLab', 'CiliumLab.psd1')
    Import-Module $manifest -Force
}

Describe 'The packaged module' {
    It 'has a valid manifest' {
        (Test-ModuleManifest $manifest).Name | Should -Be 'CiliumLab'
    }

    It 'exports what its manifest lists, and nothing else' {
        $listed = (Import-PowerShellDataFile $manifest).CmdletsToExport
        (Get-Command -Module CiliumLab).Name | Sort-Object | Should -Be ($listed | Sort-Object)
    }

    It 'shows its types at the prompt' {
        [CiliumLab.Model.LabNode].Assembly.GetName().Name | Should -Be 'CiliumLab.Model'
    }

    It 'loads nothing but its own two assemblies when it is imported' {
        $code = "Import-Module '$manifest'; [AppDomain]::CurrentDomain.GetAssemblies().Location -like '*CiliumLab*' | Split-Path -Leaf"
        & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -Command $code | Sort-Object |
            Should -Be 'CiliumLab.Model.dll', 'CiliumLab.PowerShell.dll'
    }

    It 'explains itself in about_CiliumLab' {
        Get-Help about_CiliumLab | Out-String | Should -Match 'The current lab'
    }
}

Describe '<_>' -ForEach $commands {
    It 'uses an approved verb' {
        (Get-Verb ($_ -split '-')[0]) | Should -Not -BeNullOrEmpty
    }

    It 'has a synopsis and at least two examples' {
        $help = Get-Help $_ -Full
        $help.Synopsis.Trim() | Should -Not -BeNullOrEmpty
        $help.Synopsis | Should -Not -Match "^\s*$([regex]::Escape($_))\b.*\["
        @($help.examples.example).Count | Should -BeGreaterOrEqual 2
    }
}

Describe 'A session without a lab' {
    It 'is told how to open one' {
        $failure = { Get-NodeHostEntry -ErrorAction Stop } | Should -Throw -ErrorId 'NoCurrentLab*' -PassThru
        $failure.ErrorDetails.RecommendedAction | Should -Match 'Connect-LabCluster'
    }
}

Describe 'Cmdlets that act on nodes' {
    It 'take -Node by name and from the pipeline, and -Lab and -ThrottleLimit' {
        foreach ($command in Get-Command -Module CiliumLab | Where-Object Name -Match '-Node|Get-LabNode') {
            $command.Parameters.Keys | Should -Contain Lab -Because $command.Name
            $command.Parameters.Keys | Should -Contain ThrottleLimit -Because $command.Name
            $command.Parameters['Node'].ParameterSets.Values.ValueFromPipeline | Should -Not -Contain $false -Because $command.Name
        }
    }

    It 'ask before they change anything' {
        foreach ($command in Get-Command -Module CiliumLab -Verb Set, Enable, Reset) {
            $command.Parameters.Keys | Should -Contain WhatIf -Because $command.Name
            $command.Parameters.Keys | Should -Contain Confirm -Because $command.Name
        }
    }

    It 'give the first place to what must be given' {
        (Get-Command Enable-NodeKernelModule).Parameters['Name'].ParameterSets.Values.Position | Should -Be 0
        (Get-Command Set-NodeInternalIp).Parameters['Interface'].ParameterSets.Values.Position | Should -Be 0
        (Get-Command Invoke-NodeCommand).Parameters['Command'].ParameterSets.Values.Position | Should -Be 0
    }
}

Describe 'ConvertFrom-LabOutput' {
    BeforeAll {
        $transcript = [IO.Path]::Combine($PSScriptRoot, '..', 'Fixtures', 'transcript')
        $hosts = Join-Path $transcript '010-cat-etc-hosts.txt'
    }

    It 'reads piped lines, a whole text and a file alike' {
        $lines = Get-Content $hosts | ConvertFrom-LabOutput HostsFile
        $whole = Get-Content -Raw $hosts | ConvertFrom-LabOutput HostsFile
        $file = Get-Item $hosts | ConvertFrom-LabOutput HostsFile
        $lines.Name | Should -Contain 'k8s-w1'
        $whole.Name | Should -Be $lines.Name
        $file.Name | Should -Be $lines.Name
    }

    It 'takes the node from a pasted prompt, whatever its colours' {
        $pasted = "`e[32mvagrant@k8s-w1`e[0m:~`$ cat /etc/hosts", '192.168.10.100 k8s-ctr'
        $entry = $pasted | ConvertFrom-LabOutput HostsFile
        $entry.Node | Should -Be 'k8s-w1'
        $entry.Name | Should -Be 'k8s-ctr'
    }

    It 'says what another command''s output is not' {
        $failure = { Get-Content $hosts | ConvertFrom-LabOutput IptablesSave -ErrorAction Stop } | Should -Throw -PassThru
        $failure.Exception.Message | Should -Match 'IptablesSave'
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'shows rules by chain, each line within the screen' {
        $lines = ConvertFrom-LabOutput IptablesSave (Join-Path $transcript '105-iptables-save.txt') -Node k8s-ctr |
            Out-String -Width 120 -Stream
        $lines | Should -Contain '   Chain: k8s-ctr IPv4 filter INPUT'
        $lines | Where-Object Length -GT 120 | Should -BeNullOrEmpty
    }

    It 'offers its kinds on Tab' {
        (TabExpansion2 'ConvertFrom-LabOutput -Kind Ip').CompletionMatches.CompletionText |
            Should -Be 'IpAddress', 'IpLink', 'IpNeighbor', 'IpRoute', 'IptablesSave'
    }
}
