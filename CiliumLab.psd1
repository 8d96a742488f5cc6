@{
    RootModule           = 'CiliumLab.PowerShell.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '6a0f4b52-7b0e-4c0e-9d55-3f1d8f2c8a71'
    Author               = 'CiliumLab contributors'
    CompanyName          = 'CiliumLab'
    Copyright            = '(c) CiliumLab contributors. MIT licence.'
    Description          = 'Build, repair, look into and take apart a three-node Cilium lab; everything is a typed object.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')
    RequiredAssemblies   = @('CiliumLab.Model.dll')
    FormatsToProcess     = @('CiliumLab.format.ps1xml')
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    CmdletsToExport      = @(
        'Checkpoint-LabCluster'
        'Clear-LabFault'
        'Connect-LabCluster'
        'ConvertFrom-LabOutput'
        'Disconnect-LabCluster'
        'Enable-NodeKernelModule'
        'Get-Cni'
        'Get-CniArtifact'
        'Get-CniValue'
        'Get-LabCluster'
        'Get-LabClusterNetwork'
        'Get-LabFault'
        'Get-LabNode'
        'Get-LabPod'
        'Get-LabService'
        'Get-LabSnapshot'
        'Get-NodeBridge'
        'Get-NodeCniConfig'
        'Get-NodeConnection'
        'Get-NodeContainer'
        'Get-NodeDns'
        'Get-NodeHostEntry'
        'Get-NodeInfo'
        'Get-NodeInterface'
        'Get-NodeInternalIp'
        'Get-NodeIptablesRule'
        'Get-NodeKernelModule'
        'Get-NodeNeighbor'
        'Get-NodeRoute'
        'Initialize-LabHost'
        'Install-Cni'
        'Install-LabWorkload'
        'Invoke-LabStep'
        'Invoke-NodeCommand'
        'New-LabCluster'
        'Remove-FlannelArtifacts'
        'Remove-KubeProxy'
        'Remove-LabCluster'
        'Remove-LabSnapshot'
        'Reset-LabHostKey'
        'Restart-LabWorkload'
        'Restore-LabCluster'
        'Set-LabFault'
        'Set-NodeInternalIp'
        'Start-LabCluster'
        'Stop-LabCluster'
        'Test-CiliumRequirement'
        'Test-LabHost'
        'Test-NodeConnectivity'
        'Test-PodConnectivity'
        'Uninstall-Cni'
        'Uninstall-LabWorkload'
    )
    PrivateData          = @{
        PSData = @{
            Tags       = @('Cilium', 'Kubernetes', 'eBPF', 'Lab', 'Flannel', 'Networking')
            LicenseUri = 'https://opensource.org/licenses/MIT'
        }
    }
}
