namespace CiliumLab.Engine.Host;

/// <summary>What a lab needs that a package brings.</summary>
internal enum HostPackage
{
    Vagrant,
    VirtualBox,
}

/// <summary>Commands that mend this computer, in the words of its operating system. They can be typed in PowerShell as they are.</summary>
internal static class Remedies
{
    private const string VagrantPage = "https://developer.hashicorp.com/vagrant/install";
    private const string VirtualBoxPage = "https://www.virtualbox.org/wiki/Downloads";

    /// <summary>How a package is installed here.</summary>
    public static string Install(LocalHost host, HostPackage package) => (host.Platform, PackageManager(host), package) switch
    {
        (HostPlatform.Windows, _, HostPackage.Vagrant) => "winget install --exact --id Hashicorp.Vagrant",
        (HostPlatform.Windows, _, HostPackage.VirtualBox) => "winget install --exact --id Oracle.VirtualBox",
        (HostPlatform.MacOS, "brew", HostPackage.Vagrant) => "brew install --cask hashicorp/tap/hashicorp-vagrant",
        (HostPlatform.MacOS, "brew", HostPackage.VirtualBox) => "brew install --cask virtualbox",
        (HostPlatform.MacOS, _, HostPackage.Vagrant) => "open " + VagrantPage,
        (HostPlatform.MacOS, _, HostPackage.VirtualBox) => "open " + VirtualBoxPage,
        (_, "pacman", HostPackage.Vagrant) => "sudo pacman -S --needed vagrant",
        // The modules are built for the running kernel, so its headers are needed too; plain "linux" has a package of its own.
        (_, "pacman", HostPackage.VirtualBox) => "sudo pacman -S --needed virtualbox virtualbox-host-dkms linux-headers",
        (_, "apt-get", HostPackage.Vagrant) => "sudo apt-get install vagrant",
        // Ubuntu has it, in multiverse; a Debian release has none.
        (_, "apt-get", HostPackage.VirtualBox) when host.Distribution("ID") == "debian" => FromRepository(
            host, "virtualbox", "https://www.virtualbox.org/download/oracle_vbox_2016.asc", "https://download.virtualbox.org/virtualbox/debian", "contrib", "virtualbox-7.1"),
        (_, "apt-get", HostPackage.VirtualBox) => "sudo apt-get install virtualbox",
        (_, "dnf", HostPackage.Vagrant) => "sudo dnf install vagrant",
        // Fedora leaves it to RPM Fusion.
        (_, "dnf", HostPackage.VirtualBox) when host.Distribution("ID") == "fedora" =>
            "sudo dnf install https://download1.rpmfusion.org/free/fedora/rpmfusion-free-release-$(rpm -E %fedora).noarch.rpm && sudo dnf install VirtualBox akmod-VirtualBox",
        (_, "dnf", HostPackage.VirtualBox) => "sudo dnf install VirtualBox",
        (_, "zypper", HostPackage.Vagrant) => "sudo zypper install vagrant",
        (_, "zypper", HostPackage.VirtualBox) => "sudo zypper install virtualbox",
        (_, _, HostPackage.Vagrant) => "Install Vagrant from " + VagrantPage,
        _ => "Install VirtualBox from " + VirtualBoxPage,
    };

    /// <summary>How a newer one takes the place of one that is too old.</summary>
    public static string Update(LocalHost host, HostPackage package) => (host.Platform, PackageManager(host), package) switch
    {
        (HostPlatform.Windows, _, HostPackage.Vagrant) => "winget upgrade --exact --id Hashicorp.Vagrant",
        (HostPlatform.Windows, _, HostPackage.VirtualBox) => "winget upgrade --exact --id Oracle.VirtualBox",
        (HostPlatform.MacOS, "brew", HostPackage.Vagrant) => "brew upgrade --cask hashicorp/tap/hashicorp-vagrant",
        (HostPlatform.MacOS, "brew", HostPackage.VirtualBox) => "brew upgrade --cask virtualbox",
        (HostPlatform.Linux, "pacman", HostPackage.Vagrant) => "sudo pacman -Syu vagrant",
        (HostPlatform.Linux, "pacman", HostPackage.VirtualBox) => "sudo pacman -Syu virtualbox virtualbox-host-dkms",
        // What the distributions have is often older than the VirtualBox that a user installs; the makers' own repositories are not.
        (HostPlatform.Linux, "apt-get", HostPackage.Vagrant) => FromRepository(
            host, "hashicorp", "https://apt.releases.hashicorp.com/gpg", "https://apt.releases.hashicorp.com", "main", "vagrant"),
        (HostPlatform.Linux, "dnf", HostPackage.Vagrant) =>
            $"sudo curl -fsSLo /etc/yum.repos.d/hashicorp.repo https://rpm.releases.hashicorp.com/{(host.Distribution("ID") == "fedora" ? "fedora" : "RHEL")}/hashicorp.repo && sudo dnf install vagrant",
        _ => Install(host, package),
    };

    // A repository of the maker's own, whose packages are taken with his key alone.
    private static string FromRepository(LocalHost host, string name, string key, string repository, string component, string package)
    {
        var keyring = $"/usr/share/keyrings/{name}.gpg";
        var release = host.Distribution("UBUNTU_CODENAME") ?? host.Distribution("VERSION_CODENAME") ?? "$(lsb_release -cs)";
        return $"curl -fsSL {key} | sudo gpg --yes --dearmor -o {keyring} && echo \"deb [signed-by={keyring}] {repository} {release} {component}\" "
            + $"| sudo tee /etc/apt/sources.list.d/{name}.list && sudo apt-get update && sudo apt-get install {package}";
    }

    private static string? PackageManager(LocalHost host) =>
        ((IEnumerable<string>)(host.Platform == HostPlatform.MacOS ? ["brew"] : ["pacman", "apt-get", "dnf", "zypper"]))
            .FirstOrDefault(name => host.Find(name, "/opt/homebrew/bin", "/usr/local/bin") is not null);
}
