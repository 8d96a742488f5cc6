namespace CiliumLab.Engine.Host;

/// <summary>What a lab needs that a package brings.</summary>
internal enum HostPackage
{
    Vagrant,
    VirtualBox,
}

/// <summary>Commands that mend this computer, in the words of its operating system.</summary>
internal static class Remedies
{
    /// <summary>How a package is installed here.</summary>
    public static string Install(LocalHost host, HostPackage package) => (host.Platform, PackageManager(host), package) switch
    {
        (HostPlatform.Windows, _, HostPackage.Vagrant) => "winget install --exact --id Hashicorp.Vagrant",
        (HostPlatform.Windows, _, HostPackage.VirtualBox) => "winget install --exact --id Oracle.VirtualBox",
        (HostPlatform.MacOS, "brew", HostPackage.Vagrant) => "brew install --cask hashicorp/tap/hashicorp-vagrant",
        (HostPlatform.MacOS, "brew", HostPackage.VirtualBox) => "brew install --cask virtualbox",
        (_, "pacman", HostPackage.Vagrant) => "sudo pacman -S --needed vagrant",
        // The modules are built for the running kernel, so its headers are needed too; plain "linux" has a package of its own.
        (_, "pacman", HostPackage.VirtualBox) => "sudo pacman -S --needed virtualbox virtualbox-host-dkms linux-headers",
        (_, "apt-get", HostPackage.Vagrant) => "sudo apt-get install vagrant",
        (_, "apt-get", HostPackage.VirtualBox) => "sudo apt-get install virtualbox",
        (_, "dnf", HostPackage.Vagrant) => "sudo dnf install vagrant",
        (_, "dnf", HostPackage.VirtualBox) => "sudo dnf install VirtualBox",
        (_, "zypper", HostPackage.Vagrant) => "sudo zypper install vagrant",
        (_, "zypper", HostPackage.VirtualBox) => "sudo zypper install virtualbox",
        (_, _, HostPackage.Vagrant) => "Install Vagrant from https://developer.hashicorp.com/vagrant/install",
        _ => "Install VirtualBox from https://www.virtualbox.org/wiki/Downloads",
    };

    private static string? PackageManager(LocalHost host) =>
        ((IEnumerable<string>)(host.Platform == HostPlatform.MacOS ? ["brew"] : ["pacman", "apt-get", "dnf", "zypper"]))
            .FirstOrDefault(name => host.Find(name, "/opt/homebrew/bin", "/usr/local/bin") is not null);
}
